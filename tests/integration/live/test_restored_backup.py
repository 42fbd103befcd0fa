"""An older backup is put in the place of the database while the service runs."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.app import create_app
from progress_service.catalog import service as catalog_module
from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.live.hub import Socket
from progress_service.mongo import changes, schema
from progress_service.mongo.client import open_database
from progress_service.mongo.mongod import Member, make_private, start_set
from tests.builders import NOON, a_body, a_course, a_settings, a_token, bearer
from tests.conftest import running

PATIENCE_SECONDS = 40.0
STATUS = "/api/progress/video/intro/status"


class Machine:
    """A mongod that is stopped, copied, and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.member = Member(folder / "mongod")
        self._copy = folder / "backup"
        make_private(self.member.folder)

    def start(self) -> None:
        start_set([self.member])

    def back_up(self) -> None:
        self.member.stop()
        shutil.copytree(self.member.folder, self._copy, ignore=shutil.ignore_patterns("*.sock"))
        self.start()

    def restore(self) -> None:
        self.member.stop()
        shutil.rmtree(self.member.folder)
        shutil.copytree(self._copy, self.member.folder)
        self.start()

    def restart(self) -> None:
        self.member.stop()
        self.start()


@pytest.fixture
def machine(tmp_path: Path, data_dir: Path) -> Iterator[Machine]:
    machine = Machine(data_dir / tmp_path.name)
    machine.start()
    yield machine
    machine.member.stop()


class Listener:
    """A socket of Ana's, and what it was sent."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.socket = Socket(self._take, student_id="ana", device_id=None, expires_at=1e12)
        self.socket.begin()

    async def _take(self, message: Any) -> None:
        self.heard.append(message.get("text", ""))

    async def hear(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not any(text in heard for heard in self.heard):
                await asyncio.sleep(0.02)

    @property
    def resyncs(self) -> int:
        return sum("resync" in heard for heard in self.heard)


@pytest.fixture
async def app(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The service on a database that was backed up before Ana was enrolled."""
    monkeypatch.setattr(catalog_module, "REMEMBER_SECONDS", 3_600.0)  # nothing expires by itself
    monkeypatch.setattr(changes, "RETRY_SECONDS", 0.05)
    async with open_database(machine.member.uri, "progress") as database:
        await schema.prepare(database)
        await CatalogStore(database).put_course(a_course())
        await asyncio.to_thread(machine.back_up)
        catalog = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await catalog.enroll("react", ["ana"], teacher_id=None)
    settings = a_settings(mongodb_uri=machine.member.uri, mongodb_database="progress")
    async with running(create_app(settings)) as app:
        yield app


@pytest.fixture
async def ana(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://service", headers=bearer(a_token("ana"))
    ) as client:
        yield client


@pytest.fixture
async def listener(app: FastAPI) -> Listener:
    listener = Listener()
    app.state.live.hub.join(listener.socket)
    await app.state.live.feed.follow_progress()
    return listener


@pytest.mark.parametrize("has_heard_of_changes", [True, False])
async def test_restored_backup_is_not_served_from_memory(
    app: FastAPI,
    ana: httpx.AsyncClient,
    listener: Listener,
    machine: Machine,
    has_heard_of_changes: bool,
):
    assert (await ana.get(STATUS)).status_code == 200
    if has_heard_of_changes:
        await app.state.catalog.enroll("react", ["ben"], teacher_id=None)
        (await ana.post("/api/progress/video/intro/watch-time", json=a_body())).raise_for_status()
        await listener.hear('"watchTime":125.5')
    assert listener.resyncs == 0

    await asyncio.to_thread(machine.restore)
    await listener.hear("resync")

    async with asyncio.timeout(PATIENCE_SECONDS):  # either stream may be the first to say so
        while (answer := await ana.get(STATUS)).status_code != 403:
            await asyncio.sleep(0.02)
    assert answer.json()["code"] == "not_enrolled"


async def test_restarted_database_that_lost_nothing_makes_nobody_start_over(
    app: FastAPI, ana: httpx.AsyncClient, listener: Listener, machine: Machine
):
    report = "/api/progress/video/intro/watch-time"
    await app.state.catalog.put_course(a_course(title="React, again"), teacher_id=None)
    (await ana.post(report, json=a_body())).raise_for_status()
    await listener.hear('"watchTime":125.5')
    await listener.hear('"type":"course"')

    await asyncio.to_thread(machine.restart)

    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await ana.post(report, json=a_body(watch_time=130))).status_code != 200:
            await asyncio.sleep(0.1)
    await listener.hear('"watchTime":130')
    await app.state.catalog.delete_course("react", teacher_id=None)
    await listener.hear('"enrolled":false')
    assert listener.resyncs == 0
