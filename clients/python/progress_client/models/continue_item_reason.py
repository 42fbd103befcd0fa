from enum import StrEnum


class ContinueItemReason(StrEnum):
    GAPS = "gaps"
    IN_PROGRESS = "in_progress"
    NEXT_UP = "next_up"
    REWATCH = "rewatch"

    def __str__(self) -> str:
        return str(self.value)
