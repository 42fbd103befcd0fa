"""Retention as a command, also when it is killed, and in the background of the service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from progress_service.app import create_app
from progress_service.mongo.client import Database
from progress_service.mongo.schema import RETENTION, WATCH_PROGRESS
from tests.builders import NOON, a_course, a_settings, a_video
from tests.composition import compose
from tests.conftest import running
from tests.integration.privacy.conftest import DAYS, OLD, RECENT, an_old_record
from tests.processes import is_one_sentence, run, started

RECORDS = 2_200  # More than two pages.
WAIT_SECONDS = 120.0


@pytest.fixture
async def records(database: Database) -> None:
    """A course of Ana's, of which every fourth video is completed, and one was watched recently."""
    videos = [f"video-{number}" for number in range(RECORDS)]
    worker = compose(database)
    await worker.catalog_courses.put_course(a_course("react", *map(a_video, videos[:100])))
    await worker.enrollments.enroll("react", ["ana"], at=NOON)
    documents = [
        an_old_record(video, **({"completed_at": OLD} if number % 4 == 0 else {}))
        for number, video in enumerate(videos)
    ]
    documents[1]["stored_at"] = RECENT
    await database[WATCH_PROGRESS].insert_many(documents)


@pytest.fixture
def settings_of_command(mongodb_uri: str, database: Database) -> dict[str, str]:
    return {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": database.name,
        "PROGRESS_RETAIN_DAYS": str(DAYS),
    }


async def retain(folder: Path, settings: dict[str, str], *arguments: str) -> list[str]:
    """The lines that the command prints."""
    result = await asyncio.to_thread(
        run, folder, "retain", *arguments, settings=settings, timeout_seconds=WAIT_SECONDS
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


async def stored(database: Database) -> list[Any]:
    return await database[WATCH_PROGRESS].find().sort("_id").to_list(None)


async def test_retain_needs_a_retention_period(
    tmp_path: Path, settings_of_command: dict[str, str], database: Database
):
    del settings_of_command["PROGRESS_RETAIN_DAYS"]

    result = await asyncio.to_thread(run, tmp_path, "retain", settings=settings_of_command)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr)
    assert "PROGRESS_RETAIN_DAYS" in result.stderr


async def test_retain_does_what_its_dry_run_prints(
    tmp_path: Path, settings_of_command: dict[str, str], records: None, database: Database
):
    before = await stored(database)

    promised = await retain(tmp_path, settings_of_command, "--dry-run")
    unchanged = await stored(database)
    done = await retain(tmp_path, settings_of_command)

    assert unchanged == before
    assert promised == [*done, "dry run: nothing was changed"]
    assert done[:2] == [
        f"{RECORDS - RECORDS // 4 - 1} records removed",
        f"{RECORDS // 4} records of which only the completion remains",
    ]


async def test_retain_that_is_killed_is_continued_by_the_next_run(
    tmp_path: Path, settings_of_command: dict[str, str], records: None, database: Database
):
    with started(tmp_path, "retain", settings=settings_of_command) as process:
        async with asyncio.timeout(WAIT_SECONDS):
            while len(await stored(database)) == RECORDS:
                await asyncio.sleep(0.02)
        process.kill()
        process.wait()
    partly = len(await stored(database))

    await retain(tmp_path, settings_of_command)

    left = await stored(database)
    assert len(left) == RECORDS // 4 + 1 <= partly
    assert sum("watch_time" in record for record in left) == 1
    assert sum("completed_at" in record for record in left) == RECORDS // 4


async def test_service_removes_old_records_once_a_day(
    mongodb_uri: str, database: Database, records: None
):
    settings = a_settings(mongodb_uri=mongodb_uri, mongodb_database=database.name, retain_days=DAYS)
    async with running(create_app(settings)), running(create_app(settings)):
        async with asyncio.timeout(WAIT_SECONDS):
            while not await database[RETENTION].count_documents({"finished_at": {"$gt": OLD}}):
                await asyncio.sleep(0.05)

    assert len(await stored(database)) == RECORDS // 4 + 1
    async with running(create_app(settings)):
        [run_before] = await database[RETENTION].find({}, {"finished_at": 1}).to_list(None)
    [run_after] = await database[RETENTION].find({}, {"finished_at": 1}).to_list(None)
    assert run_after == run_before
