"""The steps of an erasure: after a crash anywhere, the next run leaves the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from progress_service.errors import Unavailable
from progress_service.mongo.client import Database
from progress_service.mongo.erasures import ERASURES
from progress_service.outbox.store import OutboxStore
from progress_service.privacy import erasure, erasure_store
from progress_service.privacy.erased_data import COLLECTIONS, ErasedData
from progress_service.privacy.erasure import ErasureService
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.privacy.ledger import Ledger
from tests.erased_data import places_of

STUDENT = "zoe-the-learner"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 0.0)
    monkeypatch.setattr(erasure_store, "CLAIM_SECONDS", 0.0)


@pytest.fixture
async def stored(database: Database) -> None:
    """A document about the student in every collection."""
    for collection in COLLECTIONS:
        name = f"{collection}1_ab" if collection.endswith("_") else collection
        owner = "_id" if collection == "preferences" else "student_id"
        await database[name].insert_one({owner: STUDENT, "material_id": "intro"})


def a_service(database: Database, folder: Path, *, is_notified: bool = True) -> ErasureService:
    async def notified() -> bool:
        return is_notified

    ledger = Ledger(folder / "ledger")
    return ErasureService(database, OutboxStore(database), ledger=ledger, is_notified=notified)


Method = Callable[..., Awaitable[Any]]


class CrashError(Exception):
    """The process ends here."""


def crashing(method: Method, *, at_call: int, is_before: bool) -> Method:
    """*method*, with a crash before or after that call of it."""
    calls = 0

    async def call(*args: Any, **given: Any) -> Any:
        nonlocal calls
        calls += 1
        if is_before and calls == at_call:
            raise CrashError
        result = await method(*args, **given)
        if calls == at_call:
            raise CrashError
        return result

    return call


LAST_STEPS = len(COLLECTIONS) + 2  # with the ledger and the confirmation


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize(
    ("owner", "method", "at_call"),
    [
        *((ErasureStore, "mark_done", number) for number in range(1, LAST_STEPS + 1)),
        *((ErasedData, "delete", number) for number in (1, 2, len(COLLECTIONS))),
        (ErasedData, "holds", 1),
        (OutboxStore, "add", 1),
        (ErasureStore, "finish", 1),
        (OutboxStore, "forget_event", 1),
    ],
)
async def test_another_process_continues_after_a_crash(
    owner: type,
    method: str,
    at_call: int,
    is_before: bool,
    database: Database,
    stored: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    first, second = a_service(database, tmp_path), a_service(database, tmp_path)
    begun = await first.begin(STUDENT)
    with monkeypatch.context() as patch:
        crash = crashing(getattr(owner, method), at_call=at_call, is_before=is_before)
        patch.setattr(owner, method, crash)
        with pytest.raises(CrashError):
            await first.run(begun)

    for held in [each async for each in database[ERASURES].find({"erased_at": {"$exists": True}})]:
        assert held["erased_at"].timestamp() == begun.erased_at.timestamp()
    for _ in range(2):  # the second time, to forget the event
        current = (await ErasureStore(database).find(STUDENT)) or begun
        await second.run(current)
        await deliver_all(database)

    await second.run((await ErasureStore(database).find(STUDENT)) or begun)
    assert await places_of(database, STUDENT) == []
    assert (await second.status(STUDENT)).is_finished
    assert list(Ledger(tmp_path / "ledger").read().erased.values()) == [begun.erased_at]


async def deliver_all(database: Database) -> None:
    """What the worker of the outbox does when no destination is there."""
    store = OutboxStore(database)
    await store.route(await store.unrouted(limit=100), [])


async def test_finished_erasure_keeps_the_hash_and_the_times(
    database: Database, stored: None, tmp_path: Path
):
    service = a_service(database, tmp_path, is_notified=False)

    await service.run(await service.begin(STUDENT))

    [document] = [each async for each in database[ERASURES].find({"_id": {"$ne": "keys"}})]
    assert {*document} == {"_id", "erased_at", "finished_at", "polled_until"}
    assert await database["outbox"].count_documents({}) == 0


async def test_erasure_is_not_recorded_without_its_ledger(database: Database, tmp_path: Path):
    (tmp_path / "ledger").mkdir()
    service = a_service(database, tmp_path)

    with pytest.raises(Unavailable, match="ledger"):
        await service.erase(STUDENT)

    assert await ErasureStore(database).find(STUDENT) is None


async def test_two_services_run_the_steps_of_one_erasure(
    database: Database, stored: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasure_store, "CLAIM_SECONDS", 60.0)
    first, second = a_service(database, tmp_path), a_service(database, tmp_path)
    begun = await first.begin(STUDENT)

    assert await ErasureStore(database).claim(begun)  # by a third one
    assert not await first.run(begun)
    assert not await second.run(begun)


async def test_what_is_written_meanwhile_is_deleted_in_the_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    service = a_service(database, tmp_path)
    begun = await service.begin(STUDENT)
    claim = ErasureStore.claim

    async def late_write(store: ErasureStore, erasure: Any) -> bool:
        await database["watch_progress"].update_one(
            {"student_id": STUDENT, "material_id": "late"}, {"$set": {"x": 1}}, upsert=True
        )
        return await claim(store, erasure)

    monkeypatch.setattr(ErasureStore, "claim", late_write)
    await service.run(begun)
    monkeypatch.undo()

    assert "watch_progress" not in await places_of(database, STUDENT)


async def test_thousands_of_documents_are_deleted(database: Database, tmp_path: Path):
    records = [{"student_id": STUDENT, "material_id": f"m{i}"} for i in range(1_500)]
    await database["watch_progress"].insert_many(records)

    assert await ErasedData(database).delete("watch_progress", STUDENT) == 1_500
