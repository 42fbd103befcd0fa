"""`prepare-db`: indexes and upgrades in PROGRESS_MONGODB_URI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from progress_service.catalog.enrollments_migration import (
    count_old_enrollments,
    migrate_enrollments,
)
from progress_service.errors import StartupError, Unavailable
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.migration import SET_ASIDE, Counts
from progress_service.observability.logging import silenced
from progress_service.progress.migration import count_old_records, migrate_records
from progress_service.progress.upgrade import add_watched_seconds
from progress_service.settings import Settings, read_settings

MigrateOption = Annotated[
    bool, typer.Option("--migrate", help="Rewrite documents of other programs, merge duplicates.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what --migrate would do; change nothing.")
]


def prepare_db(migrate: MigrateOption = False, dry_run: DryRunOption = False) -> None:
    """Create the indexes in PROGRESS_MONGODB_URI, and upgrade records of earlier versions.

    Running it again changes nothing. Documents of other programs are read as they are; --migrate
    rewrites them and merges duplicates. It may be stopped at any time and run again.
    """
    settings = read_settings()
    if migrate or dry_run:
        for counts in asyncio.run(_migrate(settings, dry_run=dry_run)):
            for document_id in counts.unreadable_ids:
                typer.echo(f"{counts.collection}: {document_id} cannot be read", err=True)
            typer.echo(_migrated(counts, "would be " if dry_run else ""))
    if dry_run:
        typer.echo("dry run: nothing was changed")
        return
    indexes, upgraded, old = asyncio.run(_prepare(settings))
    for name in indexes:
        typer.echo(f"index {name}")
    if upgraded:
        typer.echo(f"watched_seconds was added to {upgraded} records of an earlier version")
    for collection, count in old.items():
        if count and not migrate:
            typer.echo(
                f"{collection}: {count} documents are of another shape; they are read as they are, "
                "and `progress-service prepare-db --migrate` rewrites them"
            )


@asynccontextmanager
async def reachable(settings: Settings) -> AsyncIterator[Database]:
    if settings.mongodb_uri is None:
        raise StartupError(
            "PROGRESS_MONGODB_URI is not set; name a replica set, "
            "or run `progress-service dev` for a private database."
        )
    uri = settings.mongodb_uri.get_secret_value()
    async with open_database(uri, settings.mongodb_database) as database:
        try:
            with silenced():
                yield database
        except Unavailable as error:
            raise StartupError(
                "The database of PROGRESS_MONGODB_URI does not respond; "
                "check the address, and that a primary is up."
            ) from error


async def _prepare(settings: Settings) -> tuple[list[str], int, dict[str, int]]:
    async with reachable(settings) as database:
        indexes, upgraded = await schema.prepare(database), await add_watched_seconds(database)
        old = {
            schema.WATCH_PROGRESS: await count_old_records(database),
            schema.ENROLLMENTS: await count_old_enrollments(database),
        }
        return indexes, upgraded, old


async def _migrate(settings: Settings, *, dry_run: bool) -> list[Counts]:
    async with reachable(settings) as database:
        await schema.require_replication(database)
        return [
            await migrate_records(database, dry_run=dry_run),
            await migrate_enrollments(database, dry_run=dry_run),
        ]


def _migrated(counts: Counts, verb: str) -> str:
    line = (
        f"{counts.collection}: {counts.rewritten} documents {verb}rewritten, "
        f"{counts.merged} duplicates {verb}merged"
    )
    if counts.unreadable:
        line += f"; {counts.unreadable} cannot be read and stay as they are"
    if counts.set_aside:
        line += f"; {counts.set_aside} without a key {verb}moved to {counts.collection}{SET_ASIDE}"
    return line
