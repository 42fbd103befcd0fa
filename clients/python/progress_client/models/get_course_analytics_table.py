from enum import Enum


class GetCourseAnalyticsTable(str, Enum):
    COMPLETIONS_PER_DAY = "completions_per_day"
    MATERIALS = "materials"
    PROGRESS_HISTOGRAM = "progress_histogram"
    TOTALS = "totals"

    def __str__(self) -> str:
        return str(self.value)
