"""Wire shapes of analytics. The definition of each measure stands beside its field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

Count = Annotated[
    int | None, Field(description="Rounded to a multiple of `min_learners`; null if suppressed.")
]
Share = Annotated[
    float | None,
    Field(
        description="0 to 1, of rounded counts; below 0.05 it is 0, above 0.95 it is 1. "
        "Null if suppressed, or of nobody."
    ),
]
Seconds = Annotated[
    float | None, Field(description="Null if suppressed, or of fewer than `min_learners` learners.")
]


class VideoLearners(BaseModel):
    """Learners of the course who are enrolled now."""

    enrolled: Count
    viewers: Count = Field(
        description="With at least 3 s played; without spans, with a position of at least 3 s."
    )
    completed: Count


class VideoTotals(BaseModel):
    """The numbers of a video."""

    learners: VideoLearners
    starts: Count = Field(description="Sessions with at least 1 s played.")
    views: Count = Field(
        description="Sessions with at least 30 s played, or half of a shorter video."
    )
    watch_seconds_total: Seconds = Field(
        description="Seconds played in the 20 newest sessions of each learner, repeats included."
    )
    average_watch_seconds_per_view: Seconds
    average_watch_seconds_per_viewer: Seconds
    average_percentage_viewed: float | None = Field(
        description="Mean over viewers of the share of the video that they have seen, 0 to 100."
    )
    completion_rate_of_viewers: Share
    completion_rate_of_enrolled: Share


class CurvesResponse(BaseModel):
    """One number for each of `min(100, ceil(length))` equal parts; empty if suppressed.

    A learner has seen a part when at least half of it is in the learner's spans.
    """

    part_seconds: float
    retention: tuple[float, ...] = Field(description="Share of viewers who have seen the part.")
    heat: tuple[int, ...] = Field(description="Sessions that played the part.")
    replays: tuple[int, ...] = Field(description="`heat` without the first view of each viewer.")
    survival: tuple[float, ...] = Field(
        description="Share of viewers whose furthest position is at the end of the part or beyond."
    )
    exits: tuple[float, ...] = Field(
        description="Share of viewers who have not completed the video, and whose newest position "
        "lies in the part."
    )


class DropOffResponse(BaseModel):
    """Where viewers left.

    Windows of 3 parts whose exits among those still there are at least 5 % and the median + 3
    median absolute deviations, and at least 5 learners (`min_learners` if that is more). The last
    5 % of the video is left out. Most viewers lost first.
    """

    at_seconds: float = Field(description="The start of the part with the most exits.")
    viewers_lost: int
    share: float = Field(description="Of the viewers who were still there.")
    chapter: str | None


class ReplayPeakResponse(BaseModel):
    """Where viewers played again.

    Windows of 3 parts whose mean of replays is at least 10 % of the viewers and the median + 3
    median absolute deviations. Most replays first.
    """

    at_seconds: float = Field(description="The start of the part with the most replays.")
    replays: int = Field(description="Of that part.")
    chapter: str | None


class Released(BaseModel):
    """When and how the numbers were made."""

    as_of: datetime | None = Field(
        description="The numbers contain what was stored up to then. They are replaced when the "
        "records of at least `min_learners` learners differ. Null before the first count."
    )
    definition_version: int = Field(description="Of the definitions of the numbers.")
    min_learners: int = Field(
        description="Numbers distinguish no fewer learners than this. With 1, each is exact."
    )
    cohort: str | None = Field(description="The ISO week of enrolment that was asked for.")
    cohorts: tuple[str, ...] = Field(
        description="The published cohorts: they and the rest of the class have enough viewers."
    )
    suppressed: bool = Field(
        description="True where too few viewers watched to publish any number."
    )


class VideoAnalytics(Released, VideoTotals):
    """A video and everyone who watches it, in aggregate."""

    video_id: str
    course_id: str
    title: str
    duration_seconds: float | None
    curves: CurvesResponse
    drop_offs: tuple[DropOffResponse, ...]
    replay_peaks: tuple[ReplayPeakResponse, ...]


class VideoRow(VideoTotals):
    """A video in the analytics of its course."""

    video_id: str
    title: str
    module: str | None
    duration_seconds: float | None
    as_of: datetime | None
    suppressed: bool
    worst_drop_off: DropOffResponse | None


class CourseLearners(BaseModel):
    """Learners of the course who are enrolled now."""

    enrolled: Count
    started: Count = Field(description="Viewers of at least one video.")
    completed: Count = Field(description="With all required materials completed, now or earlier.")


class ProgressTenth(BaseModel):
    """Learners whose course progress lies in that range; 100 % is in the last one."""

    from_percent: int
    to_percent: int
    learners: int


class CompletionsOfDay(BaseModel):
    """Learners who completed the course on that date, in UTC."""

    date: str = Field(examples=["2026-11-22"])
    learners: int


class RecentWeek(BaseModel):
    """The seven days up to `as_of`."""

    active: Count = Field(description="Learners who watched a video.")
    completed_a_material: Count = Field(description="Learners who completed a material.")


class CourseAnalytics(Released):
    """A course and everyone in it, in aggregate."""

    course_id: str
    title: str
    learners: CourseLearners
    last_7_days: RecentWeek
    progress_histogram: tuple[ProgressTenth, ...]
    completions_per_day: tuple[CompletionsOfDay, ...]
    materials: tuple[VideoRow, ...] = Field(description="One for each video, in course order.")
