"""A dry run has the outcomes of the import that follows, whatever is stored and whatever comes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.clock import Clock
from progress_service.imports.rows import Ignored, ImportRow, Outcome, ParsedRow
from progress_service.imports.service import ImportService
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.standalone import build_imports
from tests.builders import NOON, a_settings
from tests.integration.imports.conftest import COURSE_ID, enroll

VIDEOS = ("intro", "hooks")
MATERIALS = (*VIDEOS, "notes", "nowhere")
times = st.integers(0, 5).map(lambda minutes: NOON - timedelta(minutes=minutes))
spans = st.tuples(st.integers(0, 600), st.integers(0, 600)).map(
    lambda span: (float(min(span)), float(max(span)))
)
with_position = st.builds(
    ImportRow,
    student_id=st.sampled_from(["ana", "ben", "stranger"]),
    material_id=st.sampled_from(MATERIALS),
    position_seconds=st.sampled_from([0.0, 2.0, 100.0, 300.0, 479.9, 480.0, 600.0, 700.0]),
    duration_seconds=st.sampled_from([600.0, 595.0, 900.0, None]),
    observed_at=times,
    completed_at=st.none() | times,
    played=st.lists(spans, max_size=3).map(tuple),
)
completions = st.builds(
    ImportRow,
    student_id=st.sampled_from(["ana", "ben", "stranger"]),
    material_id=st.sampled_from(MATERIALS),
    completed_at=times,
)
rows_of_imports = st.lists(with_position | completions | st.just(Ignored("no position")))

OLD_RECORDS: Sequence[dict[str, Any]] = (
    {"watch_time": 100, "total_duration": 600, "progress_percentage": 16.67, "last_watched": NOON},
    {"watch_time": "100", "total_duration": 600, "last_watched": "2026-11-20T00:00:00Z"},
    {"watch_time": 590.0, "total_duration": 600.0, "progress_percentage": 98.3},
    {"last_watched": [], "watch_time": {}},
)
"""Records of other programs; they are rewritten before the first merge."""
stored = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben"]), st.sampled_from(VIDEOS), st.sampled_from(OLD_RECORDS)
    ),
    unique_by=lambda record: record[:2],
    max_size=4,
)
numbers = itertools.count()


@pytest.fixture
def imports(database: Database) -> ImportService:
    return build_imports(a_settings(), database, Clock(lambda: NOON))


async def apply(
    imports: ImportService, chunks: Sequence[Sequence[ParsedRow]], *, dry_run: bool
) -> list[Outcome]:
    """The outcomes of the rows of all *chunks*."""
    async with imports.begin(dry_run=dry_run) as running:
        return [outcome for chunk in chunks for outcome in await running.apply(chunk)]


def renamed(row: ParsedRow, example: int) -> ParsedRow:
    """*row* for students of this example only."""
    if not isinstance(row, ImportRow):
        return row
    values = {name: getattr(row, name) for name in ImportRow.__dataclass_fields__}
    return ImportRow(**{**values, "student_id": f"{row.student_id}-{example}"})


@settings(max_examples=80)
@given(earlier=rows_of_imports, later=rows_of_imports, old_records=stored, size=st.integers(1, 5))
async def test_dry_run_has_the_outcomes_of_the_import(
    database: Database,
    imports: ImportService,
    earlier: list[ParsedRow],
    later: list[ParsedRow],
    old_records: list[tuple[str, str, dict[str, Any]]],
    size: int,
):
    example = next(numbers)
    await enroll(database, f"ana-{example}", f"ben-{example}")
    for student, video, fields in old_records:
        key = {"student_id": f"{student}-{example}", "material_id": video, "course_id": COURSE_ID}
        await database[WATCH_PROGRESS].insert_one({**key, **fields})
    await apply(imports, [[renamed(row, example) for row in earlier]], dry_run=False)
    rows = [renamed(row, example) for row in later]
    chunks = [rows[start : start + size] for start in range(0, len(rows), size)]

    predicted = await apply(imports, chunks, dry_run=True)
    real = await apply(imports, chunks, dry_run=False)
    repeated = await apply(imports, [rows], dry_run=False)

    assert predicted == real
    assert "applied" not in {outcome.status for outcome in repeated}


@settings(max_examples=40)
@given(rows=rows_of_imports, size=st.integers(1, 5))
async def test_order_and_chunks_make_no_difference(
    database: Database, imports: ImportService, rows: list[ParsedRow], size: int
):
    one, other = next(numbers), next(numbers)
    for example in (one, other):
        await enroll(database, f"ana-{example}", f"ben-{example}")
    chunks = [rows[start : start + size] for start in range(0, len(rows), size)]

    await apply(imports, [[renamed(row, one) for row in rows]], dry_run=False)
    for chunk in reversed(chunks):
        await apply(imports, [[renamed(row, other) for row in reversed(chunk)]], dry_run=False)

    assert await records_of(database, one) == await records_of(database, other)


async def records_of(database: Database, example: int) -> list[dict[str, Any]]:
    """The records of the students of *example*, without what differs between examples."""
    query = {"student_id": {"$in": [f"ana-{example}", f"ben-{example}"]}}
    found = database[WATCH_PROGRESS].find(query).sort([("student_id", 1), ("material_id", 1)])
    hidden = ("_id", "student_id", "stored_at")
    return [
        {name: value for name, value in document.items() if name not in hidden}
        async for document in found
    ]
