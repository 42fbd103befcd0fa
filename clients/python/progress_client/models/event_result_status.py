from enum import Enum


class EventResultStatus(str, Enum):
    APPLIED = "applied"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
