from enum import Enum


class WebhookBodyEventsItem(str, Enum):
    COURSE_COMPLETED = "course.completed"
    PROGRESS_ERASED = "progress.erased"
    VIDEO_COMPLETED = "video.completed"

    def __str__(self) -> str:
        return str(self.value)
