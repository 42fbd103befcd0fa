from enum import Enum


class GetVideoAnalyticsTable(str, Enum):
    CURVES = "curves"
    DROP_OFFS = "drop_offs"
    REPLAY_PEAKS = "replay_peaks"
    TOTALS = "totals"

    def __str__(self) -> str:
        return str(self.value)
