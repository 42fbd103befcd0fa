"""Applies rows to records, or to copies of them in a dry run."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.domain.catalog import Course
from progress_service.errors import ServiceError, Unavailable
from progress_service.imports.checks import RowChecks
from progress_service.imports.rows import (
    APPLIED,
    UNCHANGED,
    Ignored,
    ImportRow,
    Outcome,
    ParsedRow,
    ignored,
    rejected,
)
from progress_service.mongo.client import Database
from progress_service.pacing import paced
from progress_service.progress.ingest import MAX_CHANGES_IN_COMMAND
from progress_service.progress.merge import ReportChange
from progress_service.progress.scratch import scratch_records
from progress_service.progress.service import CompletionChanged, OnCompletionChanged
from progress_service.progress.store import ProgressStore
from progress_service.progress.tracked_writes import ImportedChange, TrackedWrites

MAX_COMMANDS_AT_ONCE = 3  # Of an import, so that the database serves others in between.
MAX_TOTALS_AT_ONCE = 4
ROWS_IN_CHUNK = 5_000  # An enrolment is updated once for all rows of a chunk.
NOT_TRIED = rejected(
    Unavailable("The database did not respond to earlier rows. Send this row again.")
)


class Records(Protocol):
    """Where rows are merged: the records, or copies of them."""

    async def save(self, changes: Sequence[ImportedChange]) -> list[bool | ServiceError]:
        """As `TrackedWrites.save`."""


class ImportService:
    """Starts imports."""

    def __init__(
        self,
        database: Database,
        store: ProgressStore,
        catalog: CatalogService,
        preferences: PreferencesService,
        *,
        clock: Clock,
        on_completion_changed: OnCompletionChanged,
    ) -> None:
        self._database = database
        self._store = store
        self._catalog = catalog
        self._preferences = preferences
        self._clock = clock
        self._on_completion_changed = on_completion_changed

    @asynccontextmanager
    async def begin(self, *, dry_run: bool) -> AsyncIterator[Import]:
        """An import of one file or body. A dry run has the same outcomes and changes nothing.

        Raises:
            Unavailable: the database does not respond.
        """
        checks = RowChecks(self._catalog, self._preferences, now=self._clock.now())
        if dry_run:
            async with scratch_records(self._database) as copies:
                yield Import(checks, copies, _nobody)
        else:
            records = TrackedWrites(self._database, self._store)
            yield Import(checks, records, self._on_completion_changed)


async def _nobody(_: CompletionChanged) -> None:
    """A dry run completes nothing."""


class Import:
    """Applies chunks of rows, one after the other. All rows go through the same code."""

    def __init__(
        self, checks: RowChecks, records: Records, on_completion_changed: OnCompletionChanged
    ) -> None:
        self._checks = checks
        self._records = records
        self._on_completion_changed = on_completion_changed

    async def apply(self, rows: Sequence[ParsedRow]) -> list[Outcome]:
        """Merge the valid rows; those that are applied are durable when this returns.

        The rows of one record are merged in their order. After an error of the database, the rest
        of the chunk is not tried: the outcomes of these rows are unknown.

        Returns:
            The outcome of each row, in order. It does not raise errors of the database.
        """
        valid = [(index, row) for index, row in enumerate(rows) if isinstance(row, ImportRow)]
        outcomes = {
            index: ignored(row) if isinstance(row, Ignored) else rejected(row)
            for index, row in enumerate(rows)
            if not isinstance(row, ImportRow)
        }
        outcomes |= await self._apply([row for _, row in valid], [index for index, _ in valid])
        return [outcomes[index] for index in range(len(rows))]

    async def _apply(self, rows: Sequence[ImportRow], indexes: Sequence[int]) -> dict[int, Outcome]:
        if not rows:
            return {}
        try:
            checked, courses = await self._checks.check(rows)
        except Unavailable as error:
            return dict.fromkeys(indexes, rejected(error))
        pending: dict[int, ImportedChange] = {}
        outcomes: dict[int, Outcome] = {}
        for index, result in zip(indexes, checked, strict=True):
            if isinstance(result, ServiceError):
                outcomes[index] = rejected(result)
            else:
                pending[index] = result
        async for commands in _commands(pending):
            saved = await self._save(commands)
            outcomes.update(saved)
            if any(outcome.is_unknown for outcome in saved.values()):
                break
        outcomes = dict.fromkeys(pending, NOT_TRIED) | outcomes
        stored = {i: row for i, row in pending.items() if not outcomes[i].is_unknown}
        return outcomes | await self._announce(stored, courses)

    async def _save(self, commands: Sequence[dict[int, ImportedChange]]) -> dict[int, Outcome]:
        """The outcomes of rows that change different records."""
        outcomes: dict[int, Outcome] = {}
        queue = iter(commands)

        async def work() -> None:
            for command in queue:
                outcomes.update(await self._save_some(command))
                if any(outcomes[index].is_unknown for index in command):
                    return

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(MAX_COMMANDS_AT_ONCE, len(commands))):
                workers.create_task(work())
        return outcomes

    async def _save_some(self, command: dict[int, ImportedChange]) -> dict[int, Outcome]:
        try:
            results = await self._records.save(list(command.values()))
        except Unavailable as error:
            return dict.fromkeys(command, rejected(error))
        return {
            index: rejected(result)
            if isinstance(result, ServiceError)
            else (APPLIED if result else UNCHANGED)
            for index, result in zip(command, results, strict=True)
        }

    async def _announce(
        self, rows: dict[int, ImportedChange], courses: Mapping[str, Course]
    ) -> dict[int, Outcome]:
        """Update the enrolments that the rows complete something of, also if they are repeated.

        Returns:
            An unknown outcome for the rows of which that failed: a repeat updates them.
        """
        groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for index, row in rows.items():
            if _completes(row):
                groups[row.student_id, row.course_id].append(index)
        unknown: dict[int, Outcome] = {}
        queue = iter(groups.values())

        async def work() -> None:
            for indexes in queue:
                changes = [rows[index] for index in indexes]
                try:
                    await self._on_completion_changed(_completion_of(changes, courses))
                except ServiceError as error:
                    unknown.update(dict.fromkeys(indexes, rejected(error)))
                    break
            for indexes in queue if unknown else ():
                unknown.update(dict.fromkeys(indexes, NOT_TRIED))

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(MAX_TOTALS_AT_ONCE, len(groups))):
                workers.create_task(work())
        return unknown


def _completes(change: ImportedChange) -> bool:
    if isinstance(change, ReportChange):
        return change.completes or change.completed_at is not None
    return True


def _completion_of(
    changes: Sequence[ImportedChange], courses: Mapping[str, Course]
) -> CompletionChanged:
    material_ids = frozenset(change.material_id for change in changes)
    return CompletionChanged(changes[0].student_id, material_ids, courses[next(iter(material_ids))])


async def _commands(
    pending: dict[int, ImportedChange],
) -> AsyncIterator[list[dict[int, ImportedChange]]]:
    """The rows in commands that may run at once: none of a turn changes a record twice.

    The second row of a record is in the second turn, and so on.
    """
    turns: list[dict[int, ImportedChange]] = []
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    async for index, row in paced(pending.items()):
        key = (row.student_id, row.material_id)
        if seen[key] == len(turns):
            turns.append({})
        turns[seen[key]][index] = row
        seen[key] += 1
    for turn in turns:
        yield _divided(turn)


def _divided(turn: dict[int, ImportedChange]) -> list[dict[int, ImportedChange]]:
    """*turn* in commands of at most `MAX_CHANGES_IN_COMMAND` changes."""
    items, size = list(turn.items()), MAX_CHANGES_IN_COMMAND
    return [dict(items[start : start + size]) for start in range(0, len(items), size)]
