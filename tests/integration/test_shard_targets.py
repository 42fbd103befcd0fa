"""Every command of a learner's call names the learner, so that one shard executes it.

The shard key is the hashed ``student_id``. A filter without it goes to every shard, so the load of
each shard would not fall when shards are added.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import httpx
import pymongo.monitoring
import pytest
from fastapi import FastAPI

from progress_service.mongo import schema
from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body, wire
from tests.conftest import FakeClock, put_course

SHARD_KEYS = {
    schema.WATCH_PROGRESS: "student_id",
    schema.ENROLLMENTS: "student_id",
    schema.FORMER_ENROLLMENTS: "student_id",
    schema.XAPI_STATEMENTS: "student_id",
    schema.PREFERENCES: "_id",
}
SESSION = "2b8a9c62-32a5-4e9c-a0b5-3f8d5c1e7a11"

Command = Mapping[str, Any]
Call = Callable[[httpx.AsyncClient, FakeClock], Awaitable[httpx.Response]]


class SentCommands(pymongo.monitoring.CommandListener):
    """The commands sent to one database. The driver holds it forever, so it must be empty then."""

    def __init__(self) -> None:
        self.database_name: str | None = None
        self._sent: list[Command] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.database_name:
            self._sent.append(dict(event.command))

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        pass

    def clear(self) -> None:
        self._sent.clear()

    def filters(self) -> Iterator[tuple[str, Any]]:
        """The collection and the filter of each command to a sharded collection."""
        for command in self._sent:
            yield from _filters(command)


@pytest.fixture(scope="module")
def sent() -> SentCommands:
    listener = SentCommands()
    pymongo.monitoring.register(listener)
    return listener


@pytest.fixture
async def ready(
    sent: SentCommands, database: Database, service: httpx.AsyncClient
) -> AsyncIterator[None]:
    """A course of three videos with Ana and Ben, and no command recorded yet."""
    videos = [a_material_body(f"video-{number}") for number in range(3)]
    await put_course(service, "react", a_course_body(*videos), students=("ana", "ben"))
    sent.database_name = database.name
    yield
    sent.database_name = None
    sent.clear()


def _report(**given: Any) -> Call:
    path = "/api/progress/video/video-0/watch-time"
    return lambda ana, clock: ana.post(path, json=a_body(observed_at=wire(clock()), **given))


def _get(path: str) -> Call:
    return lambda ana, _: ana.get(f"/api/progress/{path}")


def _send(method: str, path: str, **body: Any) -> Call:
    return lambda ana, _: ana.request(method, f"/api/progress/{path}", json=body or None)


def _events(ana: httpx.AsyncClient, clock: FakeClock) -> Awaitable[httpx.Response]:
    events = [
        {"event_id": f"e-{n}", "video_id": f"video-{n}", "observed_at": wire(clock()), **a_body()}
        for n in range(3)
    ]
    body = {"sent_at": wire(clock()), "events": events}
    return ana.post("/api/progress/events", json=body)


CALLS: dict[str, Call] = {
    "plain report": _report(watch_time=60),
    "report with a session": _report(
        watch_time=60, session_id=SESSION, device_id="ipad-1", played=[[0, 60]], played_seconds=60
    ),
    "report that completes": _report(watch_time=600, kind="ended"),
    "status": _get("video/video-0/status"),
    "batch": _send("POST", "videos/batch", video_ids=["video-0", "video-1", "video-2"]),
    "course": _get("course/react"),
    "my courses": _get("courses"),
    "resume": _get("video/video-0/resume"),
    "continue watching": _get("continue-watching"),
    "changes": _get("changes"),
    "events": _events,
    "mark by hand": _send("POST", "material/video-1/complete"),
    "unmark": _send("DELETE", "material/video-1/complete"),
    "statements": _get("me/xapi"),
    "pause the history": _send("PUT", "me/preferences", history="paused"),
    "preferences": _get("me/preferences"),
    "export": _get("me/export"),
}


@pytest.mark.settings(watch_time_rate="1000/second")
@pytest.mark.parametrize("name", CALLS)
async def test_call_of_a_learner_is_executed_by_one_shard(
    name: str,
    ready: None,
    sent: SentCommands,
    app: FastAPI,
    ana: httpx.AsyncClient,
    clock: FakeClock,
):
    (await _report(watch_time=30)(ana, clock)).raise_for_status()
    for _ in range(2):  # with empty caches, and with filled ones
        sent.clear()

        (await CALLS[name](ana, clock)).raise_for_status()

        filters = list(sent.filters())
        assert [one for one in filters if not names_student(*one)] == []
        assert filters, "the call has sent no command"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"_id": "ana/react"},
        {"course_id": "react"},
        {"student_id": {"$gt": ""}},
        {"student_id": {"$regex": "^a"}},
        {"$or": [{"student_id": "ana"}, {"course_id": "react"}]},
        {"$nor": [{"student_id": "ana"}]},
    ],
)
def test_filter_without_the_student_is_found(query: Command):
    assert not names_student(schema.WATCH_PROGRESS, query)


async def test_gradebook_goes_to_every_shard_once_a_page(
    ready: None, sent: SentCommands, service: httpx.AsyncClient
):
    """It is read by the course; a page names its students when it reads their records."""
    response = await service.get("/api/progress/course/react/students?limit=2")

    assert len(response.json()["students"]) == 2
    filters = list(sent.filters())
    records = [query for collection, query in filters if collection == schema.WATCH_PROGRESS]
    assert records
    assert all(names_student(schema.WATCH_PROGRESS, query) for query in records)


def names_student(collection: str, query: Any) -> bool:
    """Whether `mongos` finds out from *query* which shards have the documents."""
    if not isinstance(query, Mapping):
        return False
    student = query.get(SHARD_KEYS[collection])
    if isinstance(student, str):
        return True
    if isinstance(student, Mapping) and student.keys() & {"$eq", "$in"}:
        return True
    if any(names_student(collection, one) for one in query.get("$and", ())):
        return True
    branches = query.get("$or", ())
    return bool(branches) and all(names_student(collection, one) for one in branches)


def _filters(command: Command) -> Iterator[tuple[str, Any]]:
    name = next(iter(command))
    collection = command[name]
    if name == "aggregate":
        yield from _filters_of(collection, command["pipeline"])
    elif collection not in SHARD_KEYS:
        return
    elif name in {"find", "count"}:
        yield collection, command.get("filter", command.get("query", {}))
    elif name in {"update", "delete"}:
        for statement in command[f"{name}s"]:
            yield collection, statement["q"]
    elif name == "insert":
        for document in command["documents"]:
            yield collection, document
    elif name in {"findAndModify", "distinct"}:
        yield collection, command.get("query", {})
    elif name != "getMore":
        raise AssertionError(f"{name} is not known here")


def _filters_of(collection: Any, pipeline: Any) -> Iterator[tuple[str, Any]]:
    if collection in SHARD_KEYS:
        yield collection, next((stage["$match"] for stage in pipeline if "$match" in stage), {})
    for stage in pipeline:
        for kind, source in (("$unionWith", "coll"), ("$lookup", "from")):
            if kind in stage:
                yield from _filters_of(stage[kind][source], stage[kind].get("pipeline", ()))
