"""`erase`: erases one student, or repeats the erasures of the ledger in a restored database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer

from progress_service.cli.database import reachable
from progress_service.edge.claims import USER_ID_DETAIL, is_user_id
from progress_service.erasing import build_erasures, ledger_of
from progress_service.errors import StartupError
from progress_service.mongo import schema
from progress_service.mongo.client import Database
from progress_service.mongo.erasures import hashes_of
from progress_service.outbox.store import OutboxStore
from progress_service.pacing import paced
from progress_service.privacy.erased_data import ErasedData
from progress_service.privacy.erasure import ErasureService
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.settings import Settings, read_settings

TRY_SECONDS = 1.0
StudentArgument = Annotated[str | None, typer.Argument(help="The user id of the student.")]
ReplayOption = Annotated[
    bool, typer.Option("--replay", help="Repeat every erasure of PROGRESS_ERASURE_LEDGER.")
]


def erase(student_id: StudentArgument = None, replay: ReplayOption = False) -> None:
    """Erase everything about a student in PROGRESS_MONGODB_URI, or repeat earlier erasures.

    It ends when every step is done, which takes some seconds. Safe to stop and to repeat. After the
    restore of a backup, stop the service, run it with --replay, then start the service again.
    """
    if replay == (student_id is not None):
        raise StartupError("Name a student to erase, or add --replay; not both.")
    settings = read_settings()
    if student_id is None:
        erased, recorded = asyncio.run(_replay(settings))
        typer.echo(
            f"{erased} students were erased again; {recorded} other erasures were recorded, "
            "of students about whom nothing is stored"
        )
        return
    if not is_user_id(student_id):
        raise StartupError(f"The id of the student {USER_ID_DETAIL}.")
    asyncio.run(_erase(settings, student_id))
    typer.echo("the student was erased")


async def _erase(settings: Settings, student_id: str) -> None:
    async with reachable(settings) as database:
        await schema.require(database)
        service = build_erasures(settings, database, OutboxStore(database))
        await _erase_fully(service, student_id)


async def _erase_fully(service: ErasureService, student_id: str) -> None:
    while True:
        if (await service.erase(student_id)).is_finished:
            return
        await asyncio.sleep(TRY_SECONDS)


async def _replay(settings: Settings) -> tuple[int, int]:
    """How many students were erased, and how many erasures were only recorded."""
    ledger = ledger_of(settings)
    if ledger is None:
        raise StartupError("PROGRESS_ERASURE_LEDGER is not set; name the file of erasures.")
    entries = await asyncio.to_thread(ledger.read)
    async with reachable(settings) as database:
        await schema.require(database)
        store = ErasureStore(database)
        await store.add_keys(entries.keys)
        missing = await store.missing(entries.erased)
        students = await _students_of(database, missing, entries.keys)
        service = build_erasures(settings, database, OutboxStore(database))
        for student_id, erased_at in students.items():
            await service.begin(student_id, erased_at=erased_at)
        for student_id in students:
            await _erase_fully(service, student_id)
        missing = await store.missing(entries.erased)
        await store.add_finished(missing)
        return len(students), len(missing)


async def _students_of(
    database: Database, missing: dict[bytes, datetime], keys: Iterable[bytes]
) -> dict[str, datetime]:
    """The students with stored data whose hash is in *missing*, with when they were erased."""
    if not missing:
        return {}
    found: dict[str, datetime] = {}
    async for student_id in paced(await ErasedData(database).student_ids()):
        times = [missing[each] for each in hashes_of(student_id, keys) if each in missing]
        if times:
            found[student_id] = max(times)
    return found
