"""Removes what was not touched for longer than the retention period.

Completions stay while the student is enrolled. A run may be stopped, and repeated.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from progress_service.catalog.service import CatalogService
from progress_service.mongo.schema import FORMER_ENROLLMENTS, WATCH_PROGRESS, XAPI_STATEMENTS
from progress_service.mongo.values import to_moment
from progress_service.pacing import paced
from progress_service.privacy.old_records import Courses, Key, OldRecord
from progress_service.privacy.retention_rules import record_touched_at, touched_at
from progress_service.privacy.retention_store import START, Document, Removal, RetentionStore
from progress_service.progress.reader import ProgressReader
from progress_service.progress.service import CompletionChanged, OnCompletionChanged

SHARE_OF_DATABASE = 0.1  # Of its time, so that learners do not notice.
Result = TypeVar("Result")
OnPage = Callable[[Any], Awaitable[None]]
"""Called after each page of records, with its last id."""
DateOf = Callable[[Document, datetime], datetime | None]
"""When a document was last touched; the other argument is the present time."""


@dataclass(slots=True)
class RetentionReport:
    """How many documents were removed or changed; in a dry run, how many would be."""

    records_removed: int = 0
    records_stripped: int = 0
    records_without_old_sessions: int = 0
    former_enrollments_removed: int = 0
    events_removed: int = 0
    statements_removed: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: its times by the clock of the database, and what it has done."""

    now: datetime
    before: datetime
    is_dry_run: bool
    report: RetentionReport = field(default_factory=RetentionReport)

    def is_old(self, at: datetime | None) -> bool:
        """True when *at* lies before the retention period; what has no date is not old."""
        return at is not None and at < self.before


async def ignore(_: Any) -> None:
    """Do nothing."""


class Retention:
    """Removes old data, at a bounded pace."""

    def __init__(
        self,
        store: RetentionStore,
        reader: ProgressReader,
        catalog: CatalogService,
        *,
        retain_days: int,
        on_completion_changed: OnCompletionChanged,
        share_of_database: float = SHARE_OF_DATABASE,
    ) -> None:
        self._store = store
        self._reader = reader
        self._catalog = catalog
        self._retained = timedelta(days=retain_days)
        self._on_completion_changed = on_completion_changed
        self._share_of_database = share_of_database

    async def run(
        self, *, is_dry_run: bool = False, after: Any = START, on_page: OnPage = ignore
    ) -> RetentionReport:
        """Remove everything that is too old.

        Args:
            is_dry_run: only count what would be removed.
            after: the id of the record after which an earlier run was stopped.
            on_page: called after each page of records.

        Raises:
            Unavailable: the database does not respond; repeat the run.
        """
        now = await self._store.now()
        run = _Run(now, now - self._retained, is_dry_run)
        await self._remove_records(run, after, on_page)
        run.report.former_enrollments_removed = await self._remove_dated(
            run, FORMER_ENROLLMENTS, _DATES_OF_FORMER, _ended_at
        )
        run.report.statements_removed = await self._remove_dated(
            run, XAPI_STATEMENTS, ("stored_at", "statement"), _sent_at
        )
        await self._remove_events(run)
        return run.report

    async def _remove_records(self, run: _Run, after: Any, on_page: OnPage) -> None:
        read = partial(self._store.page, WATCH_PROGRESS, fields=("stored_at", "last_watched"))
        while page := await self._paced(partial(read, after=after)):
            old = [
                each["_id"]
                async for each in paced(page)
                if run.is_old(record_touched_at(each, now=run.now))
            ]
            if old:
                await self._remove_old_records(run, old)
            trim = partial(self._store.trim_sessions, [each["_id"] for each in page])
            run.report.records_without_old_sessions += await self._paced(
                partial(trim, before=run.before, is_dry_run=run.is_dry_run)
            )
            after = page[-1]["_id"]
            await on_page(after)

    async def _remove_old_records(self, run: _Run, ids: Sequence[Any]) -> None:
        documents = await self._paced(partial(self._store.records, ids))
        found = [OldRecord.of(each, self._reader.read(each)) async for each in paced(documents)]
        records = [record for record in found if record is not None]
        run.report.unreadable += len(found) - len(records)
        material_ids = [record.material_id for record in records]
        courses = await self._paced(partial(self._catalog.courses_of, material_ids))
        keys = {key for record in records for key in record.enrollments(courses)}
        enrolled = await self._paced(partial(self._store.enrolled, sorted(keys)))
        removals = [
            removal
            async for record in paced(records)
            if (removal := record.removal(courses, enrolled)) is not None
        ]
        removed, stripped = await self._apply(run, WATCH_PROGRESS, removals)
        run.report.records_removed += removed
        run.report.records_stripped += stripped
        if not run.is_dry_run:
            await self._update_totals(records, courses, enrolled)

    async def _update_totals(
        self, records: Sequence[OldRecord], courses: Courses, enrolled: set[Key]
    ) -> None:
        """Without its unfinished videos, the progress in a course is less; completions stay."""
        changed = {
            (record.student_id, course.course_id): course
            for record in records
            if not record.is_stripped and (course := courses.get(record.material_id))
        }
        for key, course in changed.items():
            if key in enrolled:
                change = CompletionChanged(key[0], frozenset(), course, undone=True)
                await self._paced(partial(self._on_completion_changed, change))

    async def _remove_dated(
        self, run: _Run, collection: str, fields: Sequence[str], date_of: DateOf
    ) -> int:
        """Remove the documents whose date is too old; returns how many."""
        count, after = 0, START
        read = partial(self._store.page, collection, fields=fields)
        while page := await self._paced(partial(read, after=after)):
            removals = [
                Removal(each, tuple(fields))
                async for each in paced(page)
                if run.is_old(date_of(each, run.now))
            ]
            removed, _ = await self._apply(run, collection, removals)
            count += removed
            after = page[-1]["_id"]
        return count

    async def _remove_events(self, run: _Run) -> None:
        if run.is_dry_run:
            run.report.events_removed = await self._store.count_ended_events(before=run.before)
            return
        remove = partial(self._store.remove_ended_events, before=run.before)
        while removed := await self._paced(remove):
            run.report.events_removed += removed

    async def _apply(
        self, run: _Run, collection: str, removals: Sequence[Removal]
    ) -> tuple[int, int]:
        """The number of removed, and of changed documents."""
        if run.is_dry_run:
            changed = sum(removal.remaining is not None for removal in removals)
            return len(removals) - changed, changed
        return await self._paced(partial(self._store.apply, collection, removals))

    async def _paced(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """What *call* returns, after a pause in which the database serves others."""
        began_at = time.monotonic()
        result = await call()
        took = time.monotonic() - began_at
        await asyncio.sleep(took * (1 / self._share_of_database - 1))
        return result


_DATES_OF_FORMER = ("ended_at", "changed_at", "active_at", "enrolled_at")


def _ended_at(document: Document, now: datetime) -> datetime | None:
    """When an enrolment ended; earlier versions did not store it."""
    if "ended_at" in document:
        return touched_at(document, "ended_at", now=now)
    return touched_at(document, *_DATES_OF_FORMER, now=now)


def _sent_at(document: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a statement was first sent; earlier versions stored only its own time."""
    if "stored_at" in document:
        return touched_at(document, "stored_at", now=now)
    try:
        statement = json.loads(document["statement"])
        return to_moment(statement["timestamp"], now=now)
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
