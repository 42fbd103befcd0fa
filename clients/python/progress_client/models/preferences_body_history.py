from enum import Enum


class PreferencesBodyHistory(str, Enum):
    ON = "on"
    PAUSED = "paused"

    def __str__(self) -> str:
        return str(self.value)
