"""The service as a process, real sockets, and new students for each test."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from progress_service.edge.token_verifier import Role
from progress_service.testing import UNLIMITED, ServiceProcess, service_on
from tests.builders import SECRET, a_body, a_course_body, a_material_body, a_token, bearer

ALLOWED_ORIGIN = "https://learn.example"
APP_ORIGIN = "capacitor://localhost"
PLENTY = "100000/second"
TIMEOUT_SECONDS = 30.0
Frame = dict[str, Any]


@contextmanager
def serving(folder: Path, uri: str, *, database: str, **given: str) -> Iterator[ServiceProcess]:
    """``progress-service serve`` on a prepared database, ready for requests."""
    settings = {
        "PROGRESS_MONGODB_DATABASE": database,
        "PROGRESS_JWT_SECRET": SECRET,
        "PROGRESS_CORS_ORIGINS": f"{ALLOWED_ORIGIN},{APP_ORIGIN}",
        **UNLIMITED,
        **given,
    }
    with service_on(uri, folder, **settings) as service:
        yield service


class Listener:
    """One authenticated socket, and the frames it has received."""

    def __init__(self, connection: ClientConnection, ready: Frame) -> None:
        self.connection = connection
        self.ready = ready
        self.received: list[Frame] = []

    async def next(self, within_seconds: float = TIMEOUT_SECONDS) -> Frame:
        """The next frame."""
        text = await asyncio.wait_for(self.connection.recv(), within_seconds)
        frame: Frame = json.loads(text)
        self.received.append(frame)
        return frame

    async def first(
        self, kind: str, *, within_seconds: float = TIMEOUT_SECONDS, **fields: Any
    ) -> Frame:
        """The first frame from now on of that type and with those fields."""
        deadline = time.monotonic() + within_seconds
        while True:
            frame = await self.next(max(0.001, deadline - time.monotonic()))
            if frame["type"] == kind and all(frame.get(k) == v for k, v in fields.items()):
                return frame

    async def states(self, silent_seconds: float = 0.5) -> dict[str, float]:
        """The position of each video, received until the socket is silent; repeats are allowed."""
        positions: dict[str, float] = {}
        with suppress(TimeoutError):
            while True:
                frame = await self.next(silent_seconds)
                if frame["type"] == "progress":
                    positions[frame["videoId"]] = frame["watchTime"]
        return positions

    async def silent(self, seconds: float) -> None:
        """Fail on any frame except the course frame of the test's own enrolment."""
        with suppress(TimeoutError):
            while True:
                frame = await self.next(seconds)
                assert frame["type"] == "course", frame
                assert not frame["completedIds"], frame

    async def renew(self, token: str) -> None:
        await self.connection.send(json.dumps({"type": "auth", "token": token}))

    async def close_code(self, within_seconds: float = TIMEOUT_SECONDS) -> int | None:
        return await close_code(self.connection, within_seconds)


async def close_code(
    connection: ClientConnection, within_seconds: float = TIMEOUT_SECONDS
) -> int | None:
    """The close code of the service, after the frames that precede it."""
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                await connection.recv()
    except ConnectionClosed:
        return connection.close_code


@dataclass(frozen=True)
class Live:
    """A running service, for clients that open sockets."""

    served: ServiceProcess

    def caller(self, subject: str, role: Role = "student") -> httpx.AsyncClient:
        headers = bearer(a_token(subject, role))
        return httpx.AsyncClient(
            base_url=self.served.address,
            headers=headers,
            timeout=30,
            trust_env=False,
            verify=False,  # no TLS here, and reading certificates takes 30 ms
        )

    @asynccontextmanager
    async def socket(
        self, path: str = "/progress", **given: Any
    ) -> AsyncIterator[ClientConnection]:
        """An open socket that has sent nothing yet."""
        address = self.served.address.replace("http", "ws", 1) + path
        options = {"compression": None, "proxy": None, "ping_interval": None, "close_timeout": 1}
        async with connect(address, **{**options, **given}) as connection:
            yield connection

    @asynccontextmanager
    async def listening(
        self,
        student_id: str,
        *,
        device_id: str | None = None,
        since: str | None = None,
        path: str = "/progress",
        token: str | None = None,
        **given: Any,
    ) -> AsyncIterator[Listener]:
        """A socket of a student that has received `ready`."""
        frame = {"type": "auth", "token": token or a_token(student_id)}
        frame |= {"device_id": device_id} if device_id else {}
        frame |= {"since": since} if since else {}
        async with self.socket(path, **given) as connection:
            await connection.send(json.dumps(frame))
            ready = json.loads(await asyncio.wait_for(connection.recv(), TIMEOUT_SECONDS))
            assert ready["type"] == "ready"
            yield Listener(connection, ready)

    async def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        async with self.caller("ops") as ops:
            text = (await ops.get("/metrics")).text
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name))


@dataclass(frozen=True)
class Learner:
    """A student with a course of their own; its videos are ``first``, ``second`` and ``third``."""

    live: Live
    id: str

    @property
    def course_id(self) -> str:
        return f"course-of-{self.id}"

    def video(self, name: str = "first") -> str:
        return f"{name}-{self.id}"

    def listening(self, **given: Any) -> Any:
        return self.live.listening(self.id, **given)

    async def report(self, name: str = "first", **given: Any) -> None:
        """One report over HTTP."""
        async with self.live.caller(self.id) as caller:
            path = f"/api/progress/video/{self.video(name)}/watch-time"
            (await caller.post(path, json=a_body(**given))).raise_for_status()

    async def changes(self, since: str | None = None) -> Frame:
        """The same states over HTTP."""
        async with self.live.caller(self.id) as caller:
            query = {"since": since} if since else {}
            response = await caller.get("/api/progress/changes", params=query)
            found: Frame = response.raise_for_status().json()
            return found

    async def enrol(self, *names: str) -> None:
        """Put the student's course with videos of these names, by default three, and enrol."""
        video_names = names or ("first", "second", "third")
        materials = [a_material_body(self.video(name)) for name in video_names]
        address = f"/api/catalog/courses/{self.course_id}"
        async with self.live.caller("importer", "service") as service:
            (await service.put(address, json=a_course_body(*materials))).raise_for_status()
            (await service.put(f"{address}/enrollments/{self.id}")).raise_for_status()


@pytest.fixture(scope="session")
def live_database(mongodb_uri: str) -> str:
    """The name of the database that the processes of these tests share."""
    return f"live_{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def live(
    mongodb_uri: str, live_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    with serving(folder, mongodb_uri, database=live_database) as served:
        yield Live(served)
        assert "Traceback" not in served.log, served.log


NewLearner = Callable[[], Awaitable[Learner]]
_numbers = itertools.count()


@pytest.fixture
def new_learner(live: Live) -> NewLearner:
    async def make() -> Learner:
        learner = Learner(live, f"ana-{uuid.uuid4().hex[:8]}-{next(_numbers)}")
        await learner.enrol()
        return learner

    return make


@pytest.fixture
async def ana(new_learner: NewLearner) -> Learner:
    """A new student with a course."""
    return await new_learner()
