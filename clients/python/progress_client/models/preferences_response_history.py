from enum import Enum


class PreferencesResponseHistory(str, Enum):
    ON = "on"
    PAUSED = "paused"

    def __str__(self) -> str:
        return str(self.value)
