"""`retain`: removes what was not touched for longer than PROGRESS_RETAIN_DAYS."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from progress_service.cli.database import reachable
from progress_service.clock import Clock
from progress_service.errors import StartupError
from progress_service.mongo import schema
from progress_service.privacy.retention import RetentionReport
from progress_service.settings import Settings, read_settings
from progress_service.standalone import build_retention

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be removed; change nothing.")
]
_MEANINGS = {
    "records_removed": "records removed",
    "records_stripped": "records of which only the completion remains",
    "records_without_old_sessions": "records without their old sessions",
    "former_enrollments_removed": "ended enrolments removed",
    "events_removed": "events and deliveries removed",
    "statements_removed": "statements removed",
    "unreadable": "old records that cannot be read, and stay",
}


def retain(dry_run: DryRunOption = False) -> None:
    """Remove records, sessions and events that were not touched for PROGRESS_RETAIN_DAYS.

    Completions stay while the student is enrolled. The service does the same once a day. It takes
    at most a tenth of the database's time, and may be stopped at any time and run again.
    """
    report = asyncio.run(_retain(read_settings(), is_dry_run=dry_run))
    for name, count in asdict(report).items():
        typer.echo(f"{count} {_MEANINGS[name]}")
    if dry_run:
        typer.echo("dry run: nothing was changed")


async def _retain(settings: Settings, *, is_dry_run: bool) -> RetentionReport:
    if settings.retain_days is None:
        raise StartupError("PROGRESS_RETAIN_DAYS is not set, so everything is kept; set it first.")
    async with reachable(settings) as database:
        await schema.require(database)
        retention = build_retention(settings, database, Clock())
        assert retention is not None  # noqa: S101 - there is a retention period
        return await retention.run(is_dry_run=is_dry_run)
