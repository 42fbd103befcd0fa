"""When the memory of released objects is overwritten after an erasure."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from progress_service.mongo.erasures import Erasure
from progress_service.privacy.overwriting import AFTER_SECONDS, EVERY_SECONDS, Overwriting

AT = datetime(2026, 11, 22, tzinfo=UTC)
RUNNING = Erasure(b"one", AT, student_id="zoe")
NOTIFYING = Erasure(b"one", AT, finished_at=AT, event_ids=("e1",))
ENDED = Erasure(b"one", AT, finished_at=AT)
ANOTHER = Erasure(b"two", AT, finished_at=AT)


class Process:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.overwritten: list[float] = []
        self._overwriting = Overwriting(self._overwrite)
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    async def _overwrite(self) -> None:
        self.overwritten.append(self.now)

    async def polls(self, seconds: int, *known: Erasure) -> list[float]:
        """Poll each second; returns when memory was overwritten, in seconds from the first."""
        began_at, self.overwritten = self.now, []
        for _ in range(seconds):
            await self._overwriting.poll(known)
            self.now += 1
        return [at - began_at for at in self.overwritten]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    return Process(monkeypatch)


@pytest.mark.parametrize("erasure", [RUNNING, NOTIFYING], ids=["running", "notifying"])
async def test_memory_is_left_alone_while_the_student_is_still_named(
    process: Process, erasure: Erasure
):
    assert await process.polls(300) == []
    assert await process.polls(300, erasure) == []


async def test_memory_is_overwritten_at_the_end_and_for_a_while_after(process: Process):
    await process.polls(10, RUNNING)

    times = await process.polls(600, ENDED)

    assert times[0] == 0
    assert {later - sooner for sooner, later in pairwise(times)} == {EVERY_SECONDS}
    assert times[-1] == AFTER_SECONDS


async def test_another_end_is_noticed_at_once(process: Process):
    await process.polls(5, ENDED)

    assert await process.polls(5, ENDED, ANOTHER) == [0]


async def test_second_erasure_of_a_student_is_noticed(process: Process):
    await process.polls(5, ENDED)
    await process.polls(5, RUNNING)

    assert await process.polls(5, ENDED) == [0]
