from enum import Enum


class ExportedPreferencesHistory(str, Enum):
    ON = "on"
    PAUSED = "paused"

    def __str__(self) -> str:
        return str(self.value)
