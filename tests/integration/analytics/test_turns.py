"""Turns to count: one process at a time, and none where a count suffices."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.analytics import turns as module
from progress_service.analytics.turns import Counted, Turn, Turns
from progress_service.mongo.client import Database

DAY_SECONDS = 86_400.0


async def _taken(database: Database) -> Turn:
    turn = await Turns(database).take("react", "video-1", max_age_seconds=0)
    assert isinstance(turn, Turn)
    return turn


async def test_turn_is_taken_by_one_of_many_processes(database: Database):
    takes = (Turns(database).take("react", "video-1", max_age_seconds=0) for _ in range(8))

    turns = await asyncio.gather(*takes)

    assert [type(turn) for turn in turns if turn is not None] == [Turn]


async def test_turns_of_other_videos_are_free(database: Database):
    await _taken(database)

    assert isinstance(await Turns(database).take("react", "v2", max_age_seconds=0), Turn)
    assert isinstance(await Turns(database).take("react", "", max_age_seconds=0), Turn)


async def test_finished_count_suffices_for_others(database: Database):
    await (await _taken(database)).finish()

    counted = await Turns(database).take("react", "video-1", max_age_seconds=DAY_SECONDS)

    assert isinstance(counted, Counted)
    assert 0 <= counted.seconds_ago < DAY_SECONDS


async def test_finished_count_does_not_suffice_for_a_change_after_it_began(database: Database):
    turn = await _taken(database)
    await asyncio.sleep(0.01)  # The change.
    await turn.finish()

    await _taken(database)


async def test_abandoned_turn_does_not_count(database: Database):
    await (await _taken(database)).abandon()

    again = await Turns(database).take("react", "video-1", max_age_seconds=DAY_SECONDS)

    assert isinstance(again, Turn)


async def test_turn_of_a_killed_process_ends(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "LEASE_SECONDS", 0.0)
    lost = await _taken(database)

    await _taken(database)

    await lost.finish()  # It is no longer the owner, so the other count is not finished by it.
    again = await Turns(database).take("react", "video-1", max_age_seconds=DAY_SECONDS)
    assert isinstance(again, Turn)


async def test_renewed_turn_stays(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "LEASE_SECONDS", 0.0)
    turn = await _taken(database)
    monkeypatch.setattr(module, "LEASE_SECONDS", DAY_SECONDS)
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.0)

    await turn.renew()

    assert await Turns(database).take("react", "video-1", max_age_seconds=0) is None
