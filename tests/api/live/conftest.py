"""The service as a process, real sockets to it, and students whom no other test knows."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from progress_service.edge.tokens import Role
from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer
from tests.processes import Served, started

ALLOWED_ORIGIN = "https://learn.example"
APP_ORIGIN = "capacitor://localhost"
PLENTY = "100000/second"
PATIENCE_SECONDS = 10.0
Frame = dict[str, Any]


@contextmanager
def serving(folder: Path, uri: str, *, database: str, **given: str) -> Iterator[Served]:
    """``progress-service serve`` on a prepared database, ready to be asked."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = {
        "PROGRESS_MONGODB_URI": uri,
        "PROGRESS_MONGODB_DATABASE": database,
        "PROGRESS_CORS_ORIGINS": f"{ALLOWED_ORIGIN},{APP_ORIGIN}",
        "PROGRESS_WATCH_TIME_RATE": PLENTY,
        "PROGRESS_READ_RATE": PLENTY,
        "PROGRESS_SERVICE_RATE": PLENTY,
        "PROGRESS_EVENTS_RATE": PLENTY,
        **given,
    }
    preparing = folder / "prepare"
    preparing.mkdir(exist_ok=True)
    with started(preparing, "prepare-db", **environment) as preparation:
        assert preparation.wait(PATIENCE_SECONDS * 3) == 0, (preparing / "stderr").read_text()
    with started(folder, "serve", "--port", str(port), **environment) as process:
        served = Served(address=f"http://127.0.0.1:{port}", process=process, folder=folder)
        served.wait_until_ready()
        yield served


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Listener:
    """One authenticated socket, and the frames it has heard."""

    def __init__(self, connection: ClientConnection, ready: Frame) -> None:
        self.connection = connection
        self.ready = ready
        self.heard: list[Frame] = []

    async def next(self, within_seconds: float = PATIENCE_SECONDS) -> Frame:
        """The next frame."""
        text = await asyncio.wait_for(self.connection.recv(), within_seconds)
        frame = json.loads(text)
        self.heard.append(frame)
        return frame

    async def first(
        self, kind: str, *, within_seconds: float = PATIENCE_SECONDS, **fields: Any
    ) -> Frame:
        """The first frame from now on of that type and with those fields."""
        deadline = time.monotonic() + within_seconds
        while True:
            frame = await self.next(max(0.001, deadline - time.monotonic()))
            if frame["type"] == kind and all(frame.get(k) == v for k, v in fields.items()):
                return frame

    async def states(self, silent_seconds: float = 0.5) -> dict[str, float]:
        """The place of each video told until nothing more comes; the same may come twice."""
        told: dict[str, float] = {}
        with suppress(TimeoutError):
            while True:
                frame = await self.next(silent_seconds)
                if frame["type"] == "progress":
                    told[frame["videoId"]] = frame["watchTime"]
        return told

    async def silent(self, seconds: float) -> None:
        """Fail when anything comes, but for word of the enrolment that the test began with."""
        with suppress(TimeoutError):
            while True:
                frame = await self.next(seconds)
                assert frame["type"] == "course", frame
                assert not frame["completedIds"], frame

    async def renew(self, token: str) -> None:
        await self.connection.send(json.dumps({"type": "auth", "token": token}))

    async def close_code(self, within_seconds: float = PATIENCE_SECONDS) -> int | None:
        return await close_code(self.connection, within_seconds)


async def close_code(
    connection: ClientConnection, within_seconds: float = PATIENCE_SECONDS
) -> int | None:
    """Why the service closes: its code, after whatever it still says."""
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                await connection.recv()
    except ConnectionClosed:
        return connection.close_code


@dataclass(frozen=True)
class Live:
    """A served process, seen by programs that hold sockets."""

    served: Served

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
        """An open socket that has said nothing yet."""
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
        """A socket of a student that was told `ready`."""
        frame = {"type": "auth", "token": token or a_token(student_id)}
        frame |= {"device_id": device_id} if device_id else {}
        frame |= {"since": since} if since else {}
        async with self.socket(path, **given) as connection:
            await connection.send(json.dumps(frame))
            ready = json.loads(await asyncio.wait_for(connection.recv(), PATIENCE_SECONDS))
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
            answer = await caller.get("/api/progress/changes", params=query)
            return answer.raise_for_status().json()

    async def enrol(self, *names: str) -> None:
        """Into the course of their own, with videos of those names instead of the usual three."""
        named = names or ("first", "second", "third")
        materials = [a_material_body(self.video(name)) for name in named]
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


NewLearner = Callable[[], Any]
_numbers = itertools.count()


@pytest.fixture
def new_learner(live: Live) -> NewLearner:
    async def make() -> Learner:
        learner = Learner(live, f"ana-{uuid.uuid4().hex[:8]}-{next(_numbers)}")
        await learner.enrol()
        return learner

    return make


@pytest.fixture
async def ana(new_learner: NewLearner) -> Learner:  # type: ignore[override]
    """A student of her own, at the process."""
    return await new_learner()
