from enum import Enum


class ReportBodyKind(str, Enum):
    ENDED = "ended"
    FLUSH = "flush"
    HEARTBEAT = "heartbeat"
    PAUSE = "pause"
    RESTART = "restart"
    SEEK = "seek"

    def __str__(self) -> str:
        return str(self.value)
