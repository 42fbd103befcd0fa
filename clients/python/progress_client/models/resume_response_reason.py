from enum import Enum


class ResumeResponseReason(str, Enum):
    CHAPTER = "chapter"
    FURTHER = "further"
    GAP = "gap"
    INTRO = "intro"
    NEXT = "next"
    REPLAY = "replay"
    RESUME = "resume"
    REWATCH = "rewatch"
    SHORTENED = "shortened"
    START = "start"

    def __str__(self) -> str:
        return str(self.value)
