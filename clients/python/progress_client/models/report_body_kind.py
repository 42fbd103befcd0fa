from enum import StrEnum


class ReportBodyKind(StrEnum):
    ENDED = "ended"
    FLUSH = "flush"
    HEARTBEAT = "heartbeat"
    PAUSE = "pause"
    RESTART = "restart"
    SEEK = "seek"

    def __str__(self) -> str:
        return str(self.value)
