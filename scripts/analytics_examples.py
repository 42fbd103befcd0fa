"""Analytics of a class of 400 that does not exist, for the screenshots."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

LENGTH_SECONDS = 90.0
PARTS = 90
VIEWERS = 320
NO_TOTALS: dict[str, Any] = {
    "learners": {"enrolled": None, "viewers": None, "completed": None},
    "starts": None,
    "views": None,
    "watch_seconds_total": None,
    "average_watch_seconds_per_view": None,
    "average_watch_seconds_per_viewer": None,
    "average_percentage_viewed": None,
    "completion_rate_of_viewers": None,
    "completion_rate_of_enrolled": None,
}
TITLES = (
    "Welcome to the course",
    "Thinking in components",
    "State that lasts",
    "Donaudampfschifffahrtsgesellschaftskapitänspatente",
    *(f"Part {number}: what comes after what came before" for number in range(1, 9)),
)


def course_analytics(*, suppressed: bool) -> dict[str, Any]:
    """A course of twelve videos; *suppressed*: too few learners for numbers."""
    first_day = date(2026, 11, 1)
    return {
        **_release(suppressed=suppressed),
        "course_id": "demo",
        "title": "Interfaces that remember",
        "learners": {"enrolled": 400, "started": 350, "completed": 90}
        if not suppressed
        else {"enrolled": None, "started": None, "completed": None},
        "last_7_days": {"active": 210, "completed_a_material": 85},
        "progress_histogram": [
            {"from_percent": 10 * tenth, "to_percent": 10 * (tenth + 1), "learners": learners}
            for tenth, learners in enumerate((75, 40, 35, 25, 30, 20, 25, 30, 30, 90))
        ],
        "completions_per_day": [
            {"date": (first_day + timedelta(day)).isoformat(), "learners": 5 * (day % 5 + 1)}
            for day in range(0, 20, 2)
        ],
        "materials": [
            _row(index, title, suppressed=suppressed or index == 5)
            for index, title in enumerate(TITLES)
        ],
    }


def video_analytics() -> dict[str, Any]:
    """A video that some leave at 0:41 and many replay at 1:02."""
    retention = [_retention(part) for part in range(PARTS)]
    replays = [5 * round(28 * math.exp(-(((part - 63) / 4) ** 2))) for part in range(PARTS)]
    first = [5 * round(VIEWERS * share / 5) for share in retention]
    return {
        **_release(suppressed=False),
        **_totals(VIEWERS),
        "video_id": "welcome",
        "course_id": "demo",
        "title": TITLES[0],
        "duration_seconds": LENGTH_SECONDS,
        "curves": {
            "part_seconds": LENGTH_SECONDS / PARTS,
            "retention": retention,
            "heat": [one + more for one, more in zip(first, replays, strict=True)],
            "replays": replays,
            "survival": retention,
            "exits": [0.0] * PARTS,
        },
        "drop_offs": [_drop_off(41, 70, "Three facts"), _drop_off(12, 25, "Why progress matters")],
        "replay_peaks": [{"at_seconds": 62.0, "replays": 140, "chapter": "Every device"}],
    }


def _release(*, suppressed: bool) -> dict[str, Any]:
    return {
        "as_of": "2026-11-22T10:30:00Z",
        "definition_version": 1,
        "min_learners": 5,
        "cohort": None,
        "cohorts": [] if suppressed else ["2026-W45", "2026-W46"],
        "suppressed": suppressed,
    }


def _totals(viewers: int) -> dict[str, Any]:
    return {
        "learners": {"enrolled": 400, "viewers": viewers, "completed": viewers // 2},
        "starts": viewers + 60,
        "views": viewers + 30,
        "watch_seconds_total": viewers * 64.0,
        "average_watch_seconds_per_view": 58.5,
        "average_watch_seconds_per_viewer": 64.0,
        "average_percentage_viewed": 71.2 - viewers / 20,
        "completion_rate_of_viewers": 0.5,
        "completion_rate_of_enrolled": viewers / 800,
    }


def _row(index: int, title: str, *, suppressed: bool) -> dict[str, Any]:
    return {
        **(NO_TOTALS if suppressed else _totals(VIEWERS - 20 * index)),
        "video_id": f"video-{index}",
        "title": title,
        "module": None,
        "duration_seconds": LENGTH_SECONDS,
        "as_of": "2026-11-22T10:30:00Z",
        "suppressed": suppressed,
        "worst_drop_off": None if suppressed or index % 3 == 2 else _drop_off(41, 70 - 5 * index),
    }


def _drop_off(at_seconds: float, lost: int, chapter: str | None = None) -> dict[str, Any]:
    return {"at_seconds": at_seconds, "viewers_lost": lost, "share": 0.2, "chapter": chapter}


def _retention(part: int) -> float:
    """The published share of viewers who have seen the part; it falls at 0:12 and 0:41."""
    left = 0.08 * (part >= 12) + 0.22 * (part >= 41)
    share = 1 - part * 0.002 - left
    return 1.0 if share > 0.95 else round(share, 3)
