"""A progress store, and records that merge changes one by one, in one write or concurrently."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from progress_service.domain.catalog import Threshold
from progress_service.domain.progress import Progress, Report
from progress_service.mongo.batcher import Batcher
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.observability.metrics import Metrics
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.store import ProgressStore
from progress_service.progress.write_errors import NeedsReplacing
from tests.merge_model import Mark


class Records:
    """Creates records, each for a new student."""

    def __init__(self, database: Database) -> None:
        self.store = ProgressStore(database)
        self._database = database
        self._collection = database[WATCH_PROGRESS]
        self._numbers = itertools.count()

    def new(self, *, threshold_percent: float = 80) -> Record:
        return Record(
            self.store,
            self._collection,
            student_id=f"student-{next(self._numbers)}",
            threshold_percent=threshold_percent,
        )

    async def now(self) -> datetime:
        """The time of the database; it has passed when this returns."""
        now = at = await self._clock()
        while now == at:
            now = await self._clock()
        return at

    async def _clock(self) -> datetime:
        hello = await self._database.client.admin.command("hello")
        now: datetime = hello["localTime"]
        return now.replace(tzinfo=UTC)


class Record:
    """The record of one student and one video."""

    def __init__(
        self,
        store: ProgressStore,
        collection: Any,
        *,
        student_id: str,
        threshold_percent: float,
        material_id: str = "intro",
    ) -> None:
        self._store = store
        self._collection = collection
        self._student_id = student_id
        self._material_id = material_id
        self._threshold = Threshold(threshold_percent)

    def apply(self, threshold: Threshold) -> None:
        """Merge later changes under *threshold*."""
        self._threshold = threshold

    def change(self, what: Report | Mark) -> Change:
        """*what* as a change of this record."""
        key = (self._student_id, self._material_id, "react")
        if isinstance(what, Mark):
            return CompletionMark(
                *key,
                what.done,
                what.completed_at or what.at,
                service_id=what.service_id,
                is_dated=what.completed_at is not None,
            )
        return ReportChange(*key, what, self._threshold)

    async def merge(self, *what: Report | Mark) -> Progress:
        """Merge one by one; return the stored progress."""
        for one in what:
            await self._save([self.change(one)])
        return await self.read()

    async def merge_in_one_write(self, *what: Report | Mark) -> Progress:
        """Merge all in one bulk write; return the stored progress."""
        await self._save([self.change(one) for one in what])
        return await self.read()

    async def _save(self, changes: Sequence[Change]) -> None:
        outcomes = await self._store.save_many(changes)
        for change, outcome in zip(changes, outcomes, strict=True):
            if isinstance(outcome, NeedsReplacing) and isinstance(change, ReportChange):
                await self._store.replace(change)
            else:
                assert not isinstance(outcome, Exception)

    async def merge_concurrently(self, what: Sequence[Report | Mark]) -> Progress:
        """Merge all at once, through a batcher; return the stored progress."""
        metrics = Metrics()
        async with Batcher[Change, bool](
            self._store.save_many,
            sizes=metrics.batch_sizes.labels("write"),
            rejected=metrics.batch_rejected.labels("write"),
        ) as batcher:

            async def save(change: Change) -> None:
                try:
                    await batcher.submit(change)
                except NeedsReplacing:
                    assert isinstance(change, ReportChange)
                    await self._store.replace(change)

            await asyncio.gather(*(save(self.change(one)) for one in what))
        return await self.read()

    async def read(self) -> Progress:
        [progress] = await self._store.read_each([(self._student_id, self._material_id)])
        return progress

    async def document(self) -> dict[str, Any]:
        """The stored document without the fields that differ between records."""
        document = await self.document_or_none()
        assert document is not None
        return document

    async def document_or_none(self) -> dict[str, Any] | None:
        """As `document`; ``None`` if nothing is stored."""
        found = await self._collection.find_one({"student_id": self._student_id})
        if found is None:
            return None
        return {k: v for k, v in found.items() if k not in {"_id", "student_id", "stored_at"}}


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database)
