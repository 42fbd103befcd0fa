from enum import Enum


class ImportResultStatus(str, Enum):
    APPLIED = "applied"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"

    def __str__(self) -> str:
        return str(self.value)
