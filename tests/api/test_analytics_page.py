"""The worked example of docs/analytics.md, reported and read over HTTP."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import a_course_body, a_material_body
from tests.conftest import CallerOf, FakeClock, put_course

PAGE = (Path(__file__).parents[2] / "docs" / "analytics.md").read_text()
EXAMPLE = PAGE.split("\n## A worked example\n")[1].split("\n## ")[0]
VIDEO = "/api/progress/analytics/video/example"
COURSE = "/api/progress/analytics/course/react"
EXACT = pytest.mark.settings(analytics_min_learners=1)
CURVES = ("retention", "heat", "replays", "survival", "exits")
Row = dict[str, str]


def cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip("|\n").split("|")]


def tables() -> list[list[Row]]:
    """The tables of the example, in order; each row by the heads of its columns."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", EXAMPLE, flags=re.MULTILINE):
        head, _, *rows = block.splitlines()
        found.append([dict(zip(cells(head), cells(row), strict=True)) for row in rows])
    return found


REPORTS, TOTALS, PARTS, PEAKS, COURSE_TOTALS, TENTHS = tables()


def number(text: str) -> float:
    """``22.3/3`` as a number."""
    over, _, under = text.partition("/")
    return float(Fraction(over) / Fraction(under or "1"))


def value_at(found: Any, name: str) -> Any:
    for key in name.split("."):
        found = found[key]
    return found


def exactly(value: float | list[float]) -> Any:
    """Equal, except for the last bit of a sum of binary fractions."""
    expected: Any = value
    return pytest.approx(expected, rel=1e-14, abs=0)


@pytest.fixture
async def class_of_four(service: httpx.AsyncClient, caller: CallerOf, clock: FakeClock) -> None:
    """The class of the page, which has sent its reports."""
    clock.now = datetime.now(UTC) - timedelta(hours=1)  # The last 7 days are the database's.
    learners = tuple(dict.fromkeys(row["learner"] for row in REPORTS))
    video = a_material_body("example", duration_seconds=10)
    await put_course(service, "react", a_course_body(video), students=learners)
    for row in REPORTS:
        clock.advance(seconds=60)
        body = {
            "watch_time": number(row["watch_time"]),
            "total_duration": 10,
            "session_id": row["session_id"],
            "played": json.loads(row["played"]),
            "played_seconds": number(row["played_seconds"]),
        }
        client = caller(row["learner"])
        response = await client.post("/api/progress/video/example/watch-time", json=body)
        response.raise_for_status()


async def json_of(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


@EXACT
async def test_totals_equal_those_of_the_page(tom: httpx.AsyncClient, class_of_four: None):
    found = await json_of(tom, VIDEO)

    assert len(TOTALS) == 11
    for row in TOTALS:
        assert value_at(found, row["measure"]) == exactly(number(row["value"])), row["measure"]


@EXACT
async def test_curves_equal_those_of_the_page(tom: httpx.AsyncClient, class_of_four: None):
    curves = (await json_of(tom, VIDEO))["curves"]

    assert curves["part_seconds"] == 1.0
    for name in CURVES:
        assert curves[name] == exactly([number(row[name]) for row in PARTS]), name


@EXACT
async def test_turning_points_equal_those_of_the_page(tom: httpx.AsyncClient, class_of_four: None):
    found = await json_of(tom, VIDEO)

    assert "**Drop-offs:** none" in EXAMPLE
    assert found["drop_offs"] == []
    assert [[peak["at_seconds"], peak["replays"]] for peak in found["replay_peaks"]] == [
        [number(row["at_seconds"]), number(row["replays"])] for row in PEAKS
    ]


@EXACT
async def test_csv_equals_the_page(tom: httpx.AsyncClient, class_of_four: None):
    response = await tom.get(VIDEO, headers={"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(response.text)))
    for name in CURVES:
        shown = [number(row[name]) for row in PARTS]
        assert [float(row[name]) for row in rows] == exactly(shown), name


@EXACT
async def test_course_equals_the_page(tom: httpx.AsyncClient, class_of_four: None):
    found = await json_of(tom, COURSE)

    for row in COURSE_TOTALS:
        assert value_at(found, row["measure"]) == number(row["value"]), row["measure"]
    ranges = [f"{t['from_percent']}–{t['to_percent']}" for t in found["progress_histogram"]]
    learners = [str(t["learners"]) for t in found["progress_histogram"]]
    assert {"tenth": "learners", **dict(zip(ranges, learners, strict=True))} == TENTHS[0]
    [row] = found["materials"]
    assert (row["views"], row["average_percentage_viewed"]) == (2, exactly(59))


async def test_class_is_suppressed_with_the_default(tom: httpx.AsyncClient, class_of_four: None):
    video, course = await json_of(tom, VIDEO), await json_of(tom, COURSE)

    assert video["min_learners"] == course["min_learners"] == 5
    for found in (video, course):
        assert found["suppressed"] is True
        assert set(found["learners"].values()) == {None}
    assert video["curves"]["retention"] == []
    assert course["progress_histogram"] == []
