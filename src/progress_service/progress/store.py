"""The owner of ``watch_progress``: writes changes as bulk upserts, reads `Progress` values."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from progress_service.domain.intervals import Coverage, unite
from progress_service.errors import Erased, Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.schema import DUPLICATE_KEY, WATCH_PROGRESS
from progress_service.mongo.writes import TIMED_OUT, Statement, upsert_each
from progress_service.progress import coverage, sessions
from progress_service.progress.documents import stored_watched
from progress_service.progress.hooks import OnStored, OnStoring, ignore
from progress_service.progress.merge import Change, ReportChange, statements
from progress_service.progress.modernize import modernize_records
from progress_service.progress.record_reads import Key as Key
from progress_service.progress.record_reads import RecordReads
from progress_service.progress.session_forms import Sessions, with_report
from progress_service.progress.write_errors import ERASED, not_stored

MAX_REPLACE_TRIES = 5  # Two devices may write at once; five never do.
_NOT_THE_RECORD = frozenset({DUPLICATE_KEY, TIMED_OUT, coverage.FAILED, ERASED})
"""Error codes that do not depend on the form of the stored record."""


class ProgressStore(RecordReads):
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(
        self,
        database: Database,
        *,
        on_stored: OnStored = ignore,
        on_storing: OnStoring = ignore,
        collection: str = WATCH_PROGRESS,
    ) -> None:
        super().__init__(database, collection)
        self._on_storing = on_storing
        self._on_stored = on_stored

    async def save_many(self, changes: Sequence[Change]) -> list[bool | Exception]:
        """Merge all in one unordered command; durable on the majority when this returns.

        Returns:
            For each change, whether it created the record, or its error; `NeedsReplacing` if
            `replace` must store it.

        Raises:
            Unavailable: the outcome of all is unknown.
        """
        if (noted := self._on_storing(changes)) is None:
            return await self._save(changes)
        saved, _ = await asyncio.gather(self._save(changes), noted)
        return saved

    async def _save(self, changes: Sequence[Change]) -> list[bool | Exception]:
        failed, created = await self._merge(changes)
        lost_races = [i for i, code in failed.items() if code == DUPLICATE_KEY]
        if lost_races:  # two first reports at once; the record exists now
            failed = await self._merge_again(changes, failed, lost_races)
        odd = [i for i, code in failed.items() if code not in _NOT_THE_RECORD]
        if odd and await self._modernize([changes[i] for i in odd]):
            failed = await self._merge_again(changes, failed, odd)
        self._on_stored(changes)
        errors = {i: not_stored(code, changes[i]) for i, code in failed.items()}
        return [errors.get(i) or i in created for i in range(len(changes))]

    async def _merge(self, changes: Sequence[Change]) -> tuple[dict[int, int], frozenset[int]]:
        """The error code of each change that was not stored, and those that created the record."""
        ends_at = time.monotonic() + OPERATION_SECONDS
        erased = await self._erased_among(changes, ends_at=ends_at)
        upserts = [
            (i, statement)
            for i, change in enumerate(changes)
            if i not in erased
            for statement in statements(change)
        ]
        failed = dict.fromkeys(erased, ERASED)
        if not upserts:
            return failed, frozenset()
        errors, inserted = await self._upsert(
            [statement for _, statement in upserts],
            [changes[i].student_id for i, _ in upserts],
            ends_at=ends_at,
        )
        failed |= {upserts[number][0]: code for number, code in errors.items()}
        return failed, frozenset(upserts[number][0] for number in inserted)

    async def _erased_among(
        self, changes: Sequence[Change], *, ends_at: float
    ) -> Mapping[int, Erased]:
        """The changes that must not be stored. The others must be sent before *ends_at*."""
        if self._database.erased.is_clear:
            return {}
        writes = [(change.student_id, change.at) for change in changes]
        return await self._database.erased.check(writes, ends_at=ends_at)

    async def _merge_again(
        self, changes: Sequence[Change], failed: Mapping[int, int], retried: Sequence[int]
    ) -> dict[int, int]:
        """The error codes in *failed*, after another try of the changes at *retried*."""
        again, _ = await self._merge([changes[i] for i in retried])
        others = {i: code for i, code in failed.items() if i not in retried}
        return others | {retried[i]: code for i, code in again.items()}

    async def _modernize(self, changes: Sequence[Change]) -> int:
        """Rewrite the records of *changes* that another program wrote; return their number."""
        keys = list(dict.fromkeys((change.student_id, change.material_id) for change in changes))
        with driver_errors("rewrite old records"):
            return await modernize_records(self._database, keys, collection=self._collection)

    async def replace(self, change: ReportChange) -> None:
        """Merge *change* into a record that is on the grid, or needs it, or is full of sessions.

        On a grid of this length, the database still adds the spans. Else coverage and sessions are
        computed here, and stored if they were not changed in between.

        Raises:
            Erased: the student's data was erased.
            Unavailable: the outcome is unknown, or concurrent changes won each time.
        """
        if (noted := self._on_storing([change])) is not None:
            await noted
        length_seconds, added = change.report.duration_seconds, change.added
        if added.grid_seconds is None and added.spans:
            on_grid = coverage.added_on_grid(added.spans, length_seconds=length_seconds)
            if await self._stores(change, statements(change, watched=on_grid)):
                return
        for _ in range(MAX_REPLACE_TRIES):
            held = await self._watched(change)
            if held is None:
                await self._modernize([change])
                continue
            before, played = held
            after = unite(before, added, length_seconds=length_seconds)
            watched = coverage.replaced(before, after)
            united = sessions.replaced(played, with_report(played, change.report))
            if await self._stores(change, statements(change, watched=watched, sessions=united)):
                return
        raise Unavailable("Other reports came first. Try again shortly; repeating is harmless.")

    async def _stores(self, change: ReportChange, upserts: Sequence[Statement]) -> bool:
        """Store *change*; false if the record is not as *upserts* expect."""
        ends_at = time.monotonic() + OPERATION_SECONDS
        if await self._erased_among([change], ends_at=ends_at):
            raise Erased()
        failed, _ = await self._upsert(upserts, [change.student_id], ends_at=ends_at)
        if not failed:
            self._on_stored([change])
            return True
        if failed[0] not in (coverage.FAILED, DUPLICATE_KEY):
            raise not_stored(failed[0], change)
        return False

    async def _watched(self, change: ReportChange) -> tuple[Coverage, Sessions] | None:
        """The stored coverage and sessions; ``None`` if they are invalid."""
        key = {"student_id": change.student_id, "material_id": change.material_id}
        fields = {"_id": 0, "watched_spans": 1, "watched_grid_seconds": 1, "sessions": 1}
        found = await self._find(key, [change.student_id], fields)
        return stored_watched(found[0] if found else {})

    async def _upsert(
        self, statements: Sequence[Statement], students: Sequence[str], *, ends_at: float
    ) -> tuple[dict[int, int], frozenset[int]]:
        with driver_errors("save progress"):
            written = await upsert_each(
                self._database,
                self._collection,
                statements,
                within_seconds=ends_at - time.monotonic(),
            )
        self._reads.note_write(students, written.operation_time)
        return written.write_errors, written.inserted
