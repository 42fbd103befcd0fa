"""Notes in enrolments that their students are active, so that changes of a class are found fast.

Records have no index on when they changed, because it would move with every report. So the
enrolment has a time, ``active_at``, which is written with the first change of a student in a course
and then again after `REPEAT_SECONDS` at the earliest. Every acknowledged change therefore has an
``active_at`` that is at most that much older, or newer.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta

from progress_service.catalog.enrollments import ACTIVE_AT
from progress_service.errors import Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.schema import ENROLLMENTS
from progress_service.mongo.writes import upsert_each

REPEAT_SECONDS = 300.0  # A player reports thirty times in it.
MAX_NOTED = 50_000  # Enrolments in this process; of more, some are written more often.
MAX_LAG = timedelta(seconds=REPEAT_SECONDS + 60.0)
"""How much older ``active_at`` may be than an acknowledged change, clock differences included."""

Key = tuple[str, str]
"""(student_id, course_id)."""
NoteActivity = Callable[[Iterable[Key]], Awaitable[None] | None]
"""Notes changes of these students and courses; ``None`` if there is nothing to write."""


class EnrollmentActivity:
    """Writes ``active_at``, at most once in `REPEAT_SECONDS` for an enrolment."""

    def __init__(self, database: Database, *, repeat_seconds: float = REPEAT_SECONDS) -> None:
        self._database = database
        self._noted = RecentKeys(repeat_seconds)

    def note(self, keys: Iterable[Key]) -> Awaitable[None] | None:
        """Write the time of the database into those enrolments that need it.

        Await the result before the changes are acknowledged.

        Raises:
            Unavailable: the outcome is unknown.
        """
        due = self._noted.missing(keys)
        return self._write(due) if due else None

    def forget_student(self, student_id: str) -> None:
        """Forget which of a student's enrolments were noted."""
        self._noted.remove(lambda key: key[0] == student_id)

    async def _write(self, keys: Sequence[Key]) -> None:
        updates = [
            {
                "q": {"student_id": student_id, "course_id": course_id},
                "u": {"$currentDate": {ACTIVE_AT: True}},
            }
            for student_id, course_id in keys
        ]
        with driver_errors("note activity"):
            written = await upsert_each(
                self._database, ENROLLMENTS, updates, within_seconds=OPERATION_SECONDS
            )
        if written.write_errors:
            raise Unavailable("The outcome is unknown. Try again shortly; repeating is harmless.")
        self._noted.add(keys)


class RecentKeys:
    """Keys that were added recently, in two generations; the older one is dropped as a whole."""

    def __init__(self, seconds: float) -> None:
        self._generation_seconds = seconds / 2
        self._new: set[Key] = set()
        self._old: set[Key] = set()
        self._rotated_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Those of *keys* that were not added in the last seconds, each once."""
        self._rotate_when_due()
        new, old = self._new, self._old
        return list({key: None for key in keys if key not in new and key not in old})

    def add(self, keys: Iterable[Key]) -> None:
        """These were written just now."""
        self._rotate_when_due()
        self._new.update(keys)

    def remove(self, is_removed: Callable[[Key], bool]) -> None:
        """Remove the keys for which *is_removed* is true."""
        for keys in (self._new, self._old):
            keys -= {key for key in keys if is_removed(key)}

    def _rotate_when_due(self) -> None:
        now = time.monotonic()
        age_seconds = now - self._rotated_at
        if age_seconds >= self._generation_seconds * 2:
            self._new, self._old, self._rotated_at = set(), set(), now
        elif age_seconds >= self._generation_seconds:
            # Not now, but when it was due, so that no key stays longer than two generations.
            self._old, self._new = self._new, set()
            self._rotated_at += self._generation_seconds
        elif len(self._new) >= MAX_NOTED // 2:
            self._old, self._new, self._rotated_at = self._new, set(), now
