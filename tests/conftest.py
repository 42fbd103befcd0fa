"""Shared fixtures: settings, a clock, a real database, the app, and clients of each role.

One mongod serves a pytest worker; each test has its own database.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymongo.monitoring
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from progress_service import development
from progress_service.analytics import service as analytics
from progress_service.app import create_app
from progress_service.edge.token_verifier import Role
from progress_service.mongo import change_stream, schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.erasures import ERASURES
from progress_service.mongo.mongod import private_mongod
from progress_service.observability.logging import configure_logging
from progress_service.settings import Settings
from progress_service.testing import ServiceProcess
from tests.builders import NOON, a_course_body, a_settings, a_token, a_webhook_body, bearer
from tests.processes import dev

MIN_FREE_BYTES = 2_000_000_000

hypothesis_settings.register_profile(
    "progress",
    deadline=None,  # a shared machine is slow at times
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
hypothesis_settings.load_profile("progress")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "settings(**given): settings of the app in this test")
    config.addinivalue_line("markers", "sampler(sampler): which requests are traced in this test")
    for name in list(os.environ):
        if name.startswith("PROGRESS_") and name != "PROGRESS_MONGOD":
            del os.environ[name]  # the settings of this machine must not affect a test
    configure_logging("json")


class FakeClock:
    """A clock that moves only when a test advances it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float = 0, **span: float) -> None:
        self.now += timedelta(seconds=seconds, **span)


class Commands(pymongo.monitoring.CommandListener):
    """The commands sent to each database, by name."""

    IGNORED = frozenset({"hello", "ping", "endSessions", "killCursors", "dbStats"})
    IN_BACKGROUND = frozenset({"find", "findAndModify", "aggregate"})
    """What background workers send all the time."""
    POLLED = frozenset({schema.OUTBOX, schema.WEBHOOKS, ERASURES})

    def __init__(self) -> None:
        self._sent: list[tuple[str, str, str]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        is_change_stream = event.command.get("collection") == "$cmd.aggregate"
        if event.command_name not in self.IGNORED and not is_change_stream:
            collection = str(event.command[event.command_name])
            if collection in self.POLLED and event.command_name in self.IN_BACKGROUND:
                return
            self._sent.append((event.database_name, collection, event.command_name))

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        pass

    @contextmanager
    def counted(self, database_name: str, collection_name: str = "") -> Iterator[list[str]]:
        """The names of the commands sent to a database, or to one collection, inside the block.

        The list is filled when the block ends.
        """
        sent: list[str] = []
        before = len(self._sent)
        yield sent
        sent += [
            name
            for database, collection, name in self._sent[before:]
            if database == database_name and collection_name in ("", collection)
        ]


@pytest.fixture(autouse=True)
def patient_analytics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Responses wait until a class is counted, however busy the machine is."""
    for name in ("VIDEO_SECONDS", "COURSE_SECONDS", "FIRST_SECONDS"):
        monkeypatch.setattr(analytics, name, 60.0)


@pytest.fixture(scope="session")
def commands() -> Commands:
    """Observes every client that is opened later; request it before the app."""
    listener = Commands()
    pymongo.monitoring.register(listener)
    return listener


# -- one part and a real mongod ----------------------------------------------------------------


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A folder for databases: in memory if there is space, as every test creates and drops one."""
    memory = Path("/dev/shm")
    has_space = memory.is_dir() and shutil.disk_usage(memory).free > MIN_FREE_BYTES
    with tempfile.TemporaryDirectory(
        prefix="progress-tests-", dir=memory if has_space else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def mongodb_uri(data_dir: Path) -> Iterator[str]:
    with private_mongod(data_dir) as uri:
        yield uri


@pytest.fixture
async def database(mongodb_uri: str) -> AsyncIterator[Database]:
    """A prepared database for this test alone."""
    async with open_database(mongodb_uri, f"test_{uuid.uuid4().hex}") as database:
        await schema.prepare(database)
        yield database
        for name in await database.list_collection_names():  # ten times faster than dropDatabase
            await database.drop_collection(name)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


# -- the whole service, in this process --------------------------------------------------------


@pytest.fixture
def settings(request: pytest.FixtureRequest, mongodb_uri: str, database: Database) -> Settings:
    marker = request.node.get_closest_marker("settings")
    given: dict[str, Any] = marker.kwargs if marker else {}
    return a_settings(mongodb_uri=mongodb_uri, mongodb_database=database.name, **given)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """*app*, started and stopped by one task, as a server does it."""
    loop = asyncio.get_running_loop()
    started: asyncio.Future[None] = loop.create_future()
    stopping = asyncio.Event()

    async def run() -> None:
        async with app.router.lifespan_context(app):
            started.set_result(None)
            await stopping.wait()

    lifespan = asyncio.create_task(run())
    await asyncio.wait([lifespan, started], return_when=asyncio.FIRST_COMPLETED)
    if not started.done():
        await lifespan  # raises the error of the start
    try:
        yield app
    finally:
        stopping.set()
        await lifespan


@pytest.fixture
async def app(
    settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    # A change stream closes only when the server's next response arrives: here after 10 ms, not
    # half a second.
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    async with running(create_app(settings, now=clock)) as app:
        yield app


@pytest.fixture
async def anyone(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


CallerOf = Callable[..., httpx.AsyncClient]


@pytest.fixture
def caller(app: FastAPI) -> CallerOf:
    """``caller("ana")``, ``caller("tom", "teacher")``: a client with a token."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def client_of(subject: str, role: Role = "student") -> httpx.AsyncClient:
        headers = bearer(a_token(subject, role))
        return httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)

    return client_of


@pytest.fixture
def ana(caller: CallerOf) -> httpx.AsyncClient:
    """A student."""
    return caller("ana")


@pytest.fixture
def tom(caller: CallerOf) -> httpx.AsyncClient:
    """The teacher of the course."""
    return caller("tom", "teacher")


@pytest.fixture
def service(caller: CallerOf) -> httpx.AsyncClient:
    """Another service."""
    return caller("importer", "service")


@pytest.fixture
async def course(service: httpx.AsyncClient) -> dict[str, Any]:
    """Tom's course ``react``, with Ana enrolled."""
    body = a_course_body()
    await put_course(service, "react", body)
    return body


@pytest.fixture
async def webhook(service: httpx.AsyncClient) -> dict[str, Any]:
    """The webhook ``certificates``, whose receiver does not exist."""
    body = a_webhook_body()
    (await service.put("/api/webhooks/certificates", json=body)).raise_for_status()
    return body


@pytest.fixture
async def demo(database: Database) -> None:
    """The demo course, with its student enrolled."""
    await development.seed(database)


async def put_course(
    service: httpx.AsyncClient,
    course_id: str,
    body: dict[str, Any],
    *,
    students: tuple[str, ...] = ("ana",),
) -> None:
    """Store a course and enrol *students* in it."""
    address = f"/api/catalog/courses/{course_id}"
    (await service.put(address, json=body)).raise_for_status()
    for student in students:
        (await service.put(f"{address}/enrollments/{student}")).raise_for_status()


# -- the whole service, as a command -----------------------------------------------------------


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """``progress-service dev`` with a data folder of its own, on a free port."""
    with dev(tmp_path_factory.mktemp("server")) as served:
        yield served
