"""The card of a course: its video and its reason, by golden cases shared with all clients."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from progress_service.domain.continue_watching import Card, build_card
from progress_service.domain.progress import Progress
from tests.builders import NOON, a_course, a_reading, a_video

GOLDEN = Path(__file__).parents[2] / "golden" / "continue_watching.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text())["cases"]
COURSE = a_course("react", a_video("one"), a_video("two"), a_reading("notes"), a_video("three"))


def records(given: list[dict[str, Any]]) -> dict[str, Progress]:
    return {one["material_id"]: record(one) for one in given}


def record(given: dict[str, Any]) -> Progress:
    position, duration = float(given["watch_time"]), float(given["total_duration"])
    return Progress(
        given["material_id"],
        position_seconds=position,
        duration_seconds=duration,
        percent=position / duration * 100 if duration else 0.0,
        observed_at=ago(given["age_seconds"]),
        completed_at=ago(given["completed_age_seconds"]),
        watched_spans=tuple((a, b) for a, b in given["watched_spans"]),
    )


def ago(seconds: float | None) -> datetime | None:
    return NOON - timedelta(seconds=seconds) if seconds is not None else None


def card(given: list[dict[str, Any]], **options: Any) -> Card | None:
    return build_card(options.pop("course", COURSE), records(given), **{"now": NOON, **options})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_card_matches_the_golden_case(case: dict[str, Any]):
    found = card(case["records"])

    actual = {"material_id": found.material.material_id, "reason": found.reason} if found else None
    assert actual == case["expect"]


def test_golden_cases_cover_every_reason():
    reasons = {case["expect"]["reason"] for case in CASES if case["expect"]}

    assert reasons == {"in_progress", "gaps", "next_up", "rewatch"}


def test_card_has_the_time_of_the_newest_activity_in_its_course():
    """This includes a short visit to another video."""
    case = next(c for c in CASES if c["name"].startswith("a look at another one"))

    found = card(case["records"])

    assert found is not None
    assert found.active_at == ago(60)


def test_rewatch_depends_on_the_threshold_of_the_material():
    demanding = a_course("react", a_video("one", complete_at_percent=95.0))
    given = [
        {
            "material_id": "one",
            "watch_time": 540,
            "total_duration": 600,
            "age_seconds": 60,
            "completed_age_seconds": 500,
            "watched_spans": [],
        }
    ]

    found = card(given, course=demanding)

    assert found is not None
    assert found.reason == "rewatch"
