"""A store of records, and a way to put changes into it as they might arrive."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from progress_service.domain.catalog import Threshold
from progress_service.domain.progress import Progress, Report
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.observability import Metrics
from progress_service.progress.group_commit import Grouped
from progress_service.progress.merge import Change, Marked, Seen
from progress_service.progress.store import NeedsReplacing, ProgressStore
from tests.model import Mark


class Records:
    """One fresh record after another, for a student who never came before."""

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
        """The time of the database, which has passed when this returns."""
        now = at = await self._clock()
        while now == at:
            now = await self._clock()
        return at

    async def _clock(self) -> datetime:
        hello = await self._database.client.admin.command("hello")
        return hello["localTime"].replace(tzinfo=UTC)


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
        """Judge what comes from now on by *threshold*."""
        self._threshold = threshold

    def change(self, what: Report | Mark) -> Change:
        """*what*, said about this record."""
        whom = (self._student_id, self._material_id, "react")
        if isinstance(what, Mark):
            return Marked(*whom, what.done, what.at)
        return Seen(*whom, what, self._threshold.percent, lowered=self._threshold.lowered)

    async def take(self, *what: Report | Mark) -> Progress:
        """Merge one after another, and give what is held then."""
        for one in what:
            await self._save([self.change(one)])
        return await self.read()

    async def take_together(self, *what: Report | Mark) -> Progress:
        """Merge all in one bulk write, and give what is held then."""
        await self._save([self.change(one) for one in what])
        return await self.read()

    async def _save(self, changes: Sequence[Change]) -> None:
        outcomes = await self._store.save_many(changes)
        for change, outcome in zip(changes, outcomes, strict=True):
            if isinstance(outcome, NeedsReplacing) and isinstance(change, Seen):
                await self._store.replace(change)
            else:
                assert outcome is None

    async def take_concurrently(self, what: Sequence[Report | Mark]) -> Progress:
        """Merge through a group commit, all at once, and give what is held then."""
        metrics = Metrics()
        async with Grouped[Change, None](
            self._store.save_many,
            sizes=metrics.group_sizes.labels("write"),
            refused=metrics.group_refused.labels("write"),
        ) as commits:

            async def save(change: Change) -> None:
                try:
                    await commits.submit(change)
                except NeedsReplacing:
                    assert isinstance(change, Seen)
                    await self._store.replace(change)

            await asyncio.gather(*(save(self.change(one)) for one in what))
        return await self.read()

    async def read(self) -> Progress:
        [held] = await self._store.read_each([(self._student_id, self._material_id)])
        return held

    async def document(self) -> dict[str, Any]:
        """Everything stored, but for what differs from record to record."""
        found = await self._collection.find_one({"student_id": self._student_id})
        return {k: v for k, v in found.items() if k not in {"_id", "student_id", "stored_at"}}


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database)
