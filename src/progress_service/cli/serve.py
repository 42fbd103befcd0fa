"""`dev` and `serve`: run the service on a private database, or in production."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Annotated

import typer

from progress_service import development, interrupts, serving
from progress_service.app import create_app
from progress_service.cli.database import reachable
from progress_service.cli.demo import DemoClass, StudentsOption, store_demo
from progress_service.erasing import require_erasures
from progress_service.mongo import schema
from progress_service.mongo.mongod import private_mongod
from progress_service.observability.logging import LogFormat, configure_logging
from progress_service.settings import Settings, read_settings
from progress_service.trace_export import require_usable

HostOption = Annotated[str | None, typer.Option(help="Address to listen on [PROGRESS_HOST].")]
PortOption = Annotated[
    int | None, typer.Option(help="Port; 0 picks a free one [PROGRESS_PORT].", min=0, max=65535)
]
WorkersOption = Annotated[
    int | None, typer.Option(help="Number of server processes [PROGRESS_WORKERS].", min=1, max=64)
]

DEV_STUDENTS = 40  # Enough for every chart of a teacher, and stored within a second.
DEV_DAYS = 14


def dev(
    host: HostOption = None,
    port: PortOption = None,
    workers: WorkersOption = None,
    students: StudentsOption = DEV_STUDENTS,
) -> None:
    """Serve everything on this machine: private database, demo course, development tokens.

    Starts a private mongod, with its data in PROGRESS_DATA_DIR, unless PROGRESS_MONGODB_URI names
    a database. Ctrl-C stops both; the data stays.
    """
    settings = development.with_secret(read_settings(host=host, port=port, workers=workers))
    _check(settings, log_format="console")
    demo_class = DemoClass(students, days=DEV_DAYS)
    own = settings.mongodb_uri is None
    with (
        serving.bind(settings) as listener,
        private_mongod(settings.data_dir) if own else nullcontext() as uri,
    ):
        listener.listen(serving.BACKLOG)  # The browser of an early visitor waits.
        banner = development.banner(settings, serving.address(settings, listener))
        settings = settings.with_values(mongodb_uri=uri) if uri else settings
        if missing := asyncio.run(store_demo(settings, demo_class)):
            typer.echo(missing, err=True)
        typer.echo(banner)
        serving.serve(settings, listener, log_format="console", drains=False)


def serve(host: HostOption = None, port: PortOption = None, workers: WorkersOption = None) -> None:
    """Serve in production, on a database that `prepare-db` has set up.

    Requires PROGRESS_MONGODB_URI and a key for tokens.
    """
    settings = read_settings(host=host, port=port, workers=workers)
    _check(settings, log_format="json")
    with serving.bind(settings) as listener:
        asyncio.run(_require_prepared(settings))
        serving.serve(settings, listener, log_format="json")


def _check(settings: Settings, *, log_format: LogFormat) -> None:
    """Set up the log; raise the error of an invalid setting before anything starts."""
    configure_logging(settings.log_format or log_format)
    require_usable()
    with interrupts.ending_at_once():
        create_app(settings)


async def _require_prepared(settings: Settings) -> None:
    async with reachable(settings) as database:
        await schema.require(database)
        await require_erasures(settings, database)
