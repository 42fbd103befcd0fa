from enum import Enum


class ContinueItemReason(str, Enum):
    GAPS = "gaps"
    IN_PROGRESS = "in_progress"
    NEXT_UP = "next_up"
    REWATCH = "rewatch"

    def __str__(self) -> str:
        return str(self.value)
