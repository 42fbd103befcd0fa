from enum import Enum


class ExportedEventKind(str, Enum):
    DELIVERY = "delivery"
    EVENT = "event"

    def __str__(self) -> str:
        return str(self.value)
