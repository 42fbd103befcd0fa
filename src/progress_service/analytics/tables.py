"""Which tables an analytics response has, as rows for CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from progress_service.analytics.schemas import CourseAnalytics, VideoAnalytics
from progress_service.edge.csv import to_csv

VideoTable = Literal["curves", "totals", "drop_offs", "replay_peaks"]
CourseTable = Literal["materials", "totals", "progress_histogram", "completions_per_day"]
Row = Mapping[str, Any]

_TOTALS = (
    "enrolled",
    "viewers",
    "completed",
    "starts",
    "views",
    "watch_seconds_total",
    "average_watch_seconds_per_view",
    "average_watch_seconds_per_viewer",
    "average_percentage_viewed",
    "completion_rate_of_viewers",
    "completion_rate_of_enrolled",
)
_CURVES = ("retention", "heat", "replays", "survival", "exits")


class _Table(NamedTuple):
    columns: Sequence[str]
    rows: Callable[[Any], Iterable[Row]]


def _flat(value: Any) -> dict[str, Any]:
    """The fields of a response, with those of its learners beside them."""
    fields: dict[str, Any] = value.model_dump(mode="json")
    for name in ("learners", "last_7_days"):
        if isinstance(nested := fields.get(name), dict):
            fields |= nested
    return fields


def _curve_rows(video: VideoAnalytics) -> Iterable[Row]:
    curves = video.curves.model_dump()
    for part in range(len(curves["heat"])):
        yield {
            "from_seconds": part * video.curves.part_seconds,
            "to_seconds": (part + 1) * video.curves.part_seconds,
            **{name: curves[name][part] for name in _CURVES},
        }


def _material_rows(course: CourseAnalytics) -> Iterable[Row]:
    for row in course.materials:
        drop_off = row.worst_drop_off
        yield _flat(row) | {
            "worst_drop_off_at_seconds": drop_off.at_seconds if drop_off else None,
            "worst_drop_off_viewers_lost": drop_off.viewers_lost if drop_off else None,
        }


_VIDEO_TABLES: dict[VideoTable, _Table] = {
    "curves": _Table(("from_seconds", "to_seconds", *_CURVES), _curve_rows),
    "totals": _Table(("video_id", "as_of", "duration_seconds", *_TOTALS), lambda v: [_flat(v)]),
    "drop_offs": _Table(
        ("at_seconds", "viewers_lost", "share", "chapter"), lambda v: map(_flat, v.drop_offs)
    ),
    "replay_peaks": _Table(
        ("at_seconds", "replays", "chapter"), lambda v: map(_flat, v.replay_peaks)
    ),
}
_COURSE_TABLES: dict[CourseTable, _Table] = {
    "materials": _Table(
        (
            *("video_id", "title", "module", "as_of", "duration_seconds", *_TOTALS),
            *("worst_drop_off_at_seconds", "worst_drop_off_viewers_lost"),
        ),
        _material_rows,
    ),
    "totals": _Table(
        (
            *("course_id", "as_of", "enrolled", "started", "completed"),
            *("active", "completed_a_material"),
        ),
        lambda c: [_flat(c)],
    ),
    "progress_histogram": _Table(
        ("from_percent", "to_percent", "learners"), lambda c: map(_flat, c.progress_histogram)
    ),
    "completions_per_day": _Table(
        ("date", "learners"), lambda c: map(_flat, c.completions_per_day)
    ),
}


def video_csv(video: VideoAnalytics, table: VideoTable) -> str:
    """One table of a video as CSV."""
    columns, rows = _VIDEO_TABLES[table]
    return to_csv(columns, rows(video))


def course_csv(course: CourseAnalytics, table: CourseTable) -> str:
    """One table of a course as CSV."""
    columns, rows = _COURSE_TABLES[table]
    return to_csv(columns, rows(course))
