from enum import Enum


class ErasureResponseState(str, Enum):
    ERASED = "erased"
    ERASING = "erasing"

    def __str__(self) -> str:
        return str(self.value)
