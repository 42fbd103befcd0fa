"""Plain records in the database: made by the service's own merge, or copied from such records."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product, zip_longest
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from benchmarks.learners import COURSE_ID, DURATION_SECONDS, student_id, video_id
from progress_service.domain.catalog import Threshold
from progress_service.domain.progress import Report
from progress_service.mongo.writes import command_for
from progress_service.progress.merge import ReportChange, statements

Records = Collection[dict[str, Any]]
ChangesOf = Callable[[str], Iterable[ReportChange]]
"""The changes of one learner's record of the first video, in the order of their reports."""

THRESHOLD = Threshold(80.0)
PATTERNS = 1_000
_BATCH_SIZE = 1_000


def a_change(student: str, video: str, *, at: datetime | None = None) -> ReportChange:
    """A plain report at a random position below the threshold."""
    position = round(random.uniform(100, 450), 1)
    report = Report(position, DURATION_SECONDS, at or datetime.now(UTC))
    return ReportChange(student, video, COURSE_ID, report, THRESHOLD)


def merge_all(records: Records, students: Sequence[str], *, videos: int) -> None:
    """One report per student and video, merged as the service merges it."""
    video_ids = [video_id(number) for number in range(videos)]
    changes = (a_change(student, video) for video, student in product(video_ids, students))
    for batch in _batches(changes):
        merge_batch(records, batch)


def merge_batch(records: Records, changes: Sequence[ReportChange]) -> None:
    """Send all *changes* in one command, as the service does."""
    upserts = [statement for change in changes for statement in statements(change)]
    records.database.command(command_for(records.name, upserts))


def multiply(
    records: Records,
    *,
    students: int,
    videos: int,
    first: int = 0,
    changes_of: ChangesOf = lambda name: [a_change(name, video_id(0))],
) -> None:
    """Insert *students* × *videos* records: copies of merged ones, with ids and times of their own.

    Each week all students watch the next video, so the records of one student are far apart. The
    numbers of the students start at *first*. What was merged is `changes_of` some learners.
    """
    patterns = _patterns(records, changes_of)
    begin = datetime.now(UTC) - timedelta(weeks=videos)
    for week in range(videos):
        for batch in _batches(range(first, first + students)):
            records.insert_many(
                [_copy(patterns, number, week, begin) for number in batch], ordered=False
            )


def _patterns(records: Records, changes_of: ChangesOf) -> list[dict[str, Any]]:
    """Records as the merge makes them; removed from the collection afterwards."""
    names = [f"pattern-{number}" for number in range(PATTERNS)]
    changes = [list(changes_of(name)) for name in names]
    for turn in zip_longest(*changes):  # A command has at most one change of a record.
        merge_batch(records, [change for change in turn if change is not None])
    merged = list(records.find({"student_id": {"$in": names}}))
    records.delete_many({"student_id": {"$in": names}})
    return merged


def _copy(
    patterns: list[dict[str, Any]], number: int, week: int, begin: datetime
) -> dict[str, Any]:
    at = begin + timedelta(weeks=week, seconds=number % 604_800, milliseconds=random.randrange(999))
    return {
        **patterns[number * 7 % PATTERNS],
        "_id": ObjectId(),
        "student_id": student_id(number),
        "material_id": video_id(week),
        "last_watched": at,
        "stored_at": at,
    }


def _batches(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    rest = iter(items)
    while batch := tuple(islice(rest, _BATCH_SIZE)):
        yield batch
