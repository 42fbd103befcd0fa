"""Rules that the web app computes too, by golden cases shared with its tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from progress_service.domain.catalog import Material
from progress_service.domain.completion import summarize_course
from progress_service.domain.progress import Progress
from progress_service.domain.resume import next_unfinished
from tests.builders import a_course, a_video, at

GOLDEN = Path(__file__).parents[2] / "golden"


def cases(name: str) -> list[Any]:
    found: list[dict[str, Any]] = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.mark.parametrize("case", cases("course_totals"))
def test_course_total_matches_the_golden_case(case: dict[str, Any]):
    materials = [
        Material(given["material_id"], "Any title", type=given["type"], required=given["required"])
        for given in case["materials"]
    ]
    records = {
        **{
            mid: Progress(mid, furthest_percent=at_most)
            for mid, at_most in case["furthest"].items()
        },
        **{mid: Progress(mid, completed_at=at()) for mid in case["completed_ids"]},
    }

    totals = summarize_course(a_course(materials=tuple(materials)), records)

    assert totals.overall_percent == case["overall"]


@pytest.mark.parametrize("case", cases("next_material"))
def test_next_material_matches_the_golden_case(case: dict[str, Any]):
    course = a_course("react", *map(a_video, case["material_ids"]))

    found = next_unfinished(course, set(case["completed_ids"]), after=case["after"])

    assert (found.material_id if found else None) == case["next"]
