"""The database is replaced by an older backup while the service runs."""

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
from progress_service.catalog import cache
from progress_service.catalog.service import CatalogService
from progress_service.changes.feed import ChangeFeed
from progress_service.edge.services import service_in
from progress_service.live.hub import Hub, Socket
from progress_service.mongo import change_stream, schema
from progress_service.mongo.client import open_database
from progress_service.mongo.mongod import Member, start_set
from progress_service.mongo.private_folder import make_private
from tests.builders import a_body, a_course, a_settings, a_token, bearer
from tests.composition import compose
from tests.conftest import running

TIMEOUT_SECONDS = 40.0
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
    """A socket of Ana's, and the texts it received."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.socket = Socket(self._receive, student_id="ana", device_id=None, expires_at=1e12)
        self.socket.start()

    async def _receive(self, message: Any) -> None:
        self.received.append(message.get("text", ""))

    async def wait_for(self, text: str) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not any(text in received for received in self.received):
                await asyncio.sleep(0.02)

    @property
    def resyncs(self) -> int:
        return sum("resync" in received for received in self.received)


@pytest.fixture
async def app(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The service on a database that was backed up before Ana was enrolled."""
    monkeypatch.setattr(cache, "TTL_SECONDS", 3_600.0)  # nothing expires by itself
    monkeypatch.setattr(change_stream, "RETRY_SECONDS", 0.05)
    async with open_database(machine.member.uri, "progress") as database:
        await schema.prepare(database)
        catalog = compose(database).catalog
        await catalog.put_course(a_course(), teacher_id=None)
        await asyncio.to_thread(machine.back_up)
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
    service_in(app, Hub).join(listener.socket)
    await service_in(app, ChangeFeed).follow_progress()
    return listener


@pytest.mark.parametrize("has_received_changes", [True, False])
async def test_restored_backup_invalidates_the_caches(
    app: FastAPI,
    ana: httpx.AsyncClient,
    listener: Listener,
    machine: Machine,
    has_received_changes: bool,
):
    assert (await ana.get(STATUS)).status_code == 200
    if has_received_changes:
        await service_in(app, CatalogService).enroll("react", ["ben"], teacher_id=None)
        (await ana.post("/api/progress/video/intro/watch-time", json=a_body())).raise_for_status()
        await listener.wait_for('"watchTime":125.5')
    assert listener.resyncs == 0

    await asyncio.to_thread(machine.restore)
    await listener.wait_for("resync")

    async with asyncio.timeout(TIMEOUT_SECONDS):  # either stream may report it first
        while (response := await ana.get(STATUS)).status_code != 403:
            await asyncio.sleep(0.02)
    assert response.json()["code"] == "not_enrolled"


async def test_restarted_database_that_lost_nothing_sends_no_resync(
    app: FastAPI, ana: httpx.AsyncClient, listener: Listener, machine: Machine
):
    report = "/api/progress/video/intro/watch-time"
    await service_in(app, CatalogService).put_course(
        a_course(title="React, again"), teacher_id=None
    )
    (await ana.post(report, json=a_body())).raise_for_status()
    await listener.wait_for('"watchTime":125.5')
    await listener.wait_for('"type":"course"')

    await asyncio.to_thread(machine.restart)

    async with asyncio.timeout(TIMEOUT_SECONDS):
        while (await ana.post(report, json=a_body(watch_time=130))).status_code != 200:
            await asyncio.sleep(0.1)
    await listener.wait_for('"watchTime":130')
    await service_in(app, CatalogService).delete_course("react", teacher_id=None)
    await listener.wait_for('"enrolled":false')
    assert listener.resyncs == 0
