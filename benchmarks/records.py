"""Plain records in the database: by the service's own merge, or many copies of what it made."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from benchmarks.learners import COURSE_ID, DURATION_SECONDS, student_id, video_id
from progress_service.domain.progress import Report
from progress_service.mongo.writes import command_for
from progress_service.progress.merge import Seen, upsert

Records = Collection[dict[str, Any]]

THRESHOLD_PERCENT = 80.0
PATTERNS = 1_000
_GROUP = 1_000


def a_change(student: str, video: str, *, at: datetime | None = None) -> Seen:
    """A plain report somewhere below the threshold."""
    position = round(random.uniform(100, 450), 1)
    report = Report(position, DURATION_SECONDS, at or datetime.now(UTC))
    return Seen(student, video, COURSE_ID, report, THRESHOLD_PERCENT)


def merge_all(records: Records, students: Sequence[str], *, videos: int) -> None:
    """One report of each student about each video, merged as the service merges it."""
    videos_in_turn = [video_id(number) for number in range(videos)]
    changes = (a_change(student, video) for video, student in product(videos_in_turn, students))
    for group in _groups(changes):
        merge_group(records, group)


def merge_group(records: Records, changes: Sequence[Seen]) -> None:
    """All of them in one trip, as the service sends them."""
    records.database.command(command_for(records.name, [upsert(change) for change in changes]))


def multiply(records: Records, *, students: int, videos: int) -> None:
    """As many records, each a copy of one that the merge made, under its own ids and times.

    Week after week everybody goes on to the next video, so the records of a student lie apart.
    """
    patterns = _patterns(records)
    begin = datetime.now(UTC) - timedelta(weeks=videos)
    for week in range(videos):
        for group in _groups(range(students)):
            records.insert_many(
                [_copy(patterns, number, week, begin) for number in group], ordered=False
            )


def _patterns(records: Records) -> list[dict[str, Any]]:
    """Records as the merge makes them; they leave the collection again."""
    names = [f"pattern-{number}" for number in range(PATTERNS)]
    merge_all(records, names, videos=1)
    made = list(records.find({"student_id": {"$in": names}}))
    records.delete_many({"student_id": {"$in": names}})
    return made


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


def _groups(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    rest = iter(items)
    while group := tuple(islice(rest, _GROUP)):
        yield group
