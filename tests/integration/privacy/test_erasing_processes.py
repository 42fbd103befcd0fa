"""Erasures with several processes: concurrent writers, a killed process, a restored backup."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from progress_service.testing import ServiceProcess, wait_until
from tests.api.live.conftest import Live, serving
from tests.builders import a_body, a_course_body, a_webhook_body
from tests.erased_data import places_of
from tests.process_memory import copies_in_memory
from tests.processes import run

ME = "/api/progress/me"
WRITERS = 50
FOLLOW_SECONDS = 180.0
OUTCOMES = frozenset({200, 202, 204, 403, 404, 409, 503})


@pytest.fixture
def student_id() -> str:
    return f"zoe-{uuid.uuid4().hex}"


@pytest.fixture
def two_services(
    tmp_path: Path, mongodb_uri: str, database: Database
) -> Iterator[tuple[ServiceProcess, ServiceProcess]]:
    with ExitStack() as stack:
        given = {"database": database.name, "PROGRESS_ERASURE_LEDGER": str(tmp_path / "ledger")}
        yield tuple(  # type: ignore[misc]
            stack.enter_context(serving(tmp_path / name, mongodb_uri, **given))
            for name in ("first", "second")
        )


async def enrol(service: httpx.AsyncClient, *student_ids: str) -> None:
    """Store the course, and enrol the students."""
    address = "/api/catalog/courses/react"
    (await service.put(address, json=a_course_body())).raise_for_status()
    for student_id in student_ids:
        (await service.put(f"{address}/enrollments/{student_id}")).raise_for_status()


async def finish(client: httpx.AsyncClient, address: str = ME) -> dict[str, Any]:
    """Repeat the call until every step is done."""
    async with asyncio.timeout(FOLLOW_SECONDS):
        while True:
            response = await client.delete(address)
            assert response.status_code in (200, 202), response.text
            if response.status_code == 200:
                body: dict[str, Any] = response.json()
                return body
            await asyncio.sleep(0.2)


@asynccontextmanager
async def callers(live: Live, student_id: str) -> AsyncIterator[tuple[httpx.AsyncClient, ...]]:
    async with live.caller(student_id) as student, live.caller("importer", "service") as service:
        yield student, service


async def test_nothing_is_left_of_a_student_who_is_erased_under_load(
    two_services: tuple[ServiceProcess, ServiceProcess], database: Database, student_id: str
):
    first, second = (Live(each) for each in two_services)
    async with callers(first, student_id) as (zoe, service), callers(second, student_id) as others:
        body = {**a_webhook_body(), "events": ["video.completed", "course.completed"]}
        (await service.put("/api/webhooks/certificates", json=body)).raise_for_status()
        await enrol(service, student_id, "ana")
        async with first.listening(student_id) as here, second.listening(student_id) as there:
            ended = asyncio.Event()
            writes = [
                asyncio.create_task(keep_writing(write, ended))
                for student, importer in ((zoe, service), others)
                for write in writers(student, importer, student_id)
            ]
            (
                await zoe.post("/api/progress/video/intro/watch-time", json=a_body())
            ).raise_for_status()
            assert (await zoe.delete(ME)).status_code == 202
            await here.first("cleared")
            await there.first("cleared")
            done = await finish(others[0])
            ended.set()
            outcomes = [code for codes in await asyncio.gather(*writes) for code in codes]

        assert done["remaining"] == []
        assert {200, 409} <= set(outcomes) <= OUTCOMES
        assert await places_of(database, student_id) == []
        for served in two_services:
            await asyncio.to_thread(wait_until_forgotten, served, student_id)
        assert await finish(zoe) == done
        await enrol(service, student_id)
        again = a_body(observed_at=datetime.now(UTC).isoformat())
        response = await others[0].post("/api/progress/video/intro/watch-time", json=again)
        assert response.status_code == 200, response.text
    for served in two_services:
        assert student_id not in served.log + served.output
        assert not [line for line in served.log.splitlines() if '"level": "error"' in line]


def wait_until_forgotten(service: ServiceProcess, student_id: str) -> None:
    """Return when no memory of the process has the id, not even memory that it has released."""
    wait_until(
        lambda: copies_in_memory(service.process.pid, student_id) == 0,
        within_seconds=FOLLOW_SECONDS,
        otherwise=lambda: f"{copies_in_memory(service.process.pid, student_id)} copies",
    )


Write = Callable[[], Awaitable[httpx.Response]]


def writers(student: httpx.AsyncClient, service: httpx.AsyncClient, student_id: str) -> list[Write]:
    """Every kind of call that stores something about a student, `WRITERS` / 2 in all."""
    report = "/api/progress/video/intro/watch-time"
    mark = f"/api/progress/students/{student_id}/material/notes/complete"
    played = a_body(watch_time=590, session_id="s1", device_id="d1", played=[[0, 590]])
    row = {"student_id": student_id, "video_id": "hooks", "watch_time": 9, "total_duration": 600}

    def events() -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        event = {"event_id": "e1", "video_id": "hooks", "observed_at": now, **a_body()}
        return {"sent_at": now, "events": [event]}

    calls: list[Write] = [
        lambda: student.post(report, json=played),
        lambda: student.post("/api/progress/events", json=events()),
        lambda: student.post("/api/progress/material/notes/complete"),
        lambda: student.delete("/api/progress/material/notes/complete"),
        until_rejected(lambda: student.put(f"{ME}/preferences", json={"history": "on"})),
        lambda: service.post(mark),
        lambda: service.post("/api/progress/import", json=row),
        lambda: service.post("/api/progress/import?dry_run=true", json=row),
        lambda: student.get("/api/progress/course/react"),
    ]
    return [calls[number % len(calls)] for number in range(WRITERS // 2)]


def until_rejected(write: Write) -> Write:
    """*write*, which is not repeated after the student's erasure: it would store something new."""
    rejected: list[httpx.Response] = []

    async def write_once_more() -> httpx.Response:
        if rejected:
            return rejected[0]
        response = await write()
        if response.status_code == 409:
            rejected.append(response)
        return response

    return write_once_more


async def keep_writing(write: Write, ended: asyncio.Event) -> list[int]:
    """Write again and again until *ended*; return the statuses."""
    statuses = []
    while not ended.is_set():
        statuses.append((await write()).status_code)
        await asyncio.sleep(0.05)
    return statuses


async def test_erasure_of_a_killed_process_is_finished_by_another(
    two_services: tuple[ServiceProcess, ServiceProcess], database: Database, student_id: str
):
    first, second = two_services
    async with callers(Live(second), student_id) as (zoe, service):
        await enrol(service, student_id)
        async with Live(first).caller(student_id) as killed:
            assert (await killed.delete(ME)).status_code == 202
        first.kill()

        async with asyncio.timeout(FOLLOW_SECONDS):
            while (await zoe.get(f"{ME}/erasure")).json()["state"] != "erased":
                await asyncio.sleep(0.2)

    assert await places_of(database, student_id) == []


async def test_restored_backup_is_refused_until_the_erasures_are_repeated(
    tmp_path: Path, mongodb_uri: str, database: Database, student_id: str
):
    ledger = tmp_path / "ledger"
    settings = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": database.name,
        "PROGRESS_ERASURE_LEDGER": str(ledger),
    }
    given = {"database": database.name, "PROGRESS_ERASURE_LEDGER": str(ledger)}
    with serving(tmp_path / "service", mongodb_uri, **given) as served:
        async with callers(Live(served), student_id) as (zoe, service):
            await enrol(service, student_id, "ana")
            (
                await zoe.post("/api/progress/video/intro/watch-time", json=a_body())
            ).raise_for_status()
            backup = await contents_of(database)
            done = await finish(zoe)
            await finish(service, "/api/progress/students/unknown")
        assert student_id not in ledger.read_text()
        await restore(database, backup)
        served.stop()
        served.start()
        with suppress(RuntimeError):
            served.wait_until_ready()
        assert served.process.wait(60) != 0
        assert "erase --replay" in served.log

        replayed = await asyncio.to_thread(
            run, tmp_path, "erase", "--replay", settings=settings, timeout_seconds=180
        )
        assert replayed.returncode == 0, replayed.stderr
        assert "1 students were erased again; 1 other" in replayed.stdout
        assert student_id not in replayed.stdout + replayed.stderr
        assert await places_of(database, student_id) == []
        again = await asyncio.to_thread(
            run, tmp_path, "erase", "--replay", settings=settings, timeout_seconds=180
        )
        assert "0 students" in again.stdout
        served.start()
        served.wait_until_ready()
        async with callers(Live(served), student_id) as (zoe, _):
            status = (await zoe.get(f"{ME}/erasure")).json()
            late = await zoe.post("/api/progress/video/intro/watch-time", json=a_body())
    assert status["requested_at"] == done["requested_at"]
    assert (late.status_code, late.json()["code"]) == (409, "erased")


async def contents_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All documents, as in a backup."""
    names = await database.list_collection_names()
    return {name: await database[name].find({}).to_list(None) for name in names}


async def restore(database: Database, backup: dict[str, list[dict[str, Any]]]) -> None:
    """Bring the documents of *backup* back, and those alone."""
    for name in await database.list_collection_names():
        await database[name].delete_many({})
        if documents := backup.get(name):
            await database[name].insert_many(documents)


async def test_command_erases_one_student(
    tmp_path: Path, mongodb_uri: str, database: Database, student_id: str
):
    settings = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": database.name,
    }
    await database["watch_progress"].insert_one({"student_id": student_id, "material_id": "intro"})

    done = await asyncio.to_thread(
        run, tmp_path, "erase", student_id, settings=settings, timeout_seconds=180
    )
    neither = await asyncio.to_thread(
        run, tmp_path, "erase", settings=settings, timeout_seconds=180
    )
    both = await asyncio.to_thread(
        run, tmp_path, "erase", "ana", "--replay", settings=settings, timeout_seconds=180
    )
    invalid = await asyncio.to_thread(
        run, tmp_path, "erase", "a b", settings=settings, timeout_seconds=180
    )
    no_ledger = await asyncio.to_thread(
        run, tmp_path, "erase", "--replay", settings=settings, timeout_seconds=180
    )

    assert (done.returncode, done.stdout) == (0, "the student was erased\n")
    assert await places_of(database, student_id) == []
    assert [each.returncode for each in (neither, both, invalid, no_ledger)] == [1] * 4
    assert "PROGRESS_ERASURE_LEDGER" in no_ledger.stderr
