"""The command line: dev · serve · prepare-db · seed · token · export-openapi."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from progress_service import development, serving
from progress_service.app import create_app, tokens_of
from progress_service.catalog.migration import count_old_enrollments, migrate_enrollments
from progress_service.errors import ServiceError, StartupError, Unavailable
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.migration import SET_ASIDE, Counts
from progress_service.mongo.mongod import private_mongod
from progress_service.observability import configure_logging, no_warnings
from progress_service.progress.migration import count_old_records, migrate_records
from progress_service.progress.upgrade import add_watched_seconds
from progress_service.settings import Settings, read_settings

cli = typer.Typer(
    name="progress-service",
    help="Remembers, for every learner and every course video, where they are.",
    epilog="Settings are environment variables with the prefix PROGRESS_; see .env.example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

HostOption = Annotated[str | None, typer.Option(help="Address to listen on [PROGRESS_HOST].")]
PortOption = Annotated[
    int | None, typer.Option(help="Port; 0 takes a free one [PROGRESS_PORT].", min=0, max=65535)
]
WorkersOption = Annotated[
    int | None, typer.Option(help="Processes that serve [PROGRESS_WORKERS].", min=1, max=64)
]


MigrateOption = Annotated[
    bool, typer.Option("--migrate", help="Rewrite documents of other programs, merge duplicates.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what --migrate would do, and change nothing.")
]


class RoleChoice(StrEnum):
    """The roles a token can carry."""

    student = "student"
    teacher = "teacher"
    service = "service"


def main() -> None:
    """Run the command line; trouble is one sentence on stderr and exit code 1."""
    configure_logging("console")
    try:
        cli()
    except StartupError as error:
        sys.stderr.write(f"progress-service: {error}\n")
        raise SystemExit(1) from None


@cli.command()
def dev(host: HostOption = None, port: PortOption = None, workers: WorkersOption = None) -> None:
    """Serve everything on this machine: private database, demo course, tokens to try it with.

    Starts a mongod of its own (data in PROGRESS_DATA_DIR, kept between runs) unless
    PROGRESS_MONGODB_URI names a database. Ctrl-C stops both.
    """
    settings = _for_development(read_settings(host=host, port=port, workers=workers))
    configure_logging(settings.log_format or "console")
    create_app(settings)  # whatever is wrong with a setting is said before anything starts
    own = settings.mongodb_uri is None
    with (
        serving.listen(settings) as listener,
        private_mongod(settings.data_dir) if own else nullcontext() as uri,
    ):
        welcome = development.welcome(settings, serving.address(settings, listener))
        settings = settings.with_values(mongodb_uri=uri) if uri else settings
        if missing := asyncio.run(_seed(settings)):
            typer.echo(missing, err=True)
        typer.echo(welcome)
        serving.serve(settings, listener, log_format="console")


@cli.command()
def serve(host: HostOption = None, port: PortOption = None, workers: WorkersOption = None) -> None:
    """Serve in production: needs PROGRESS_MONGODB_URI, a key for tokens, `prepare-db` before."""
    settings = read_settings(host=host, port=port, workers=workers)
    configure_logging(settings.log_format or "json")
    create_app(settings)  # whatever is wrong with a setting is said before anything starts
    with serving.listen(settings) as listener:
        asyncio.run(_require_prepared(settings))
        serving.serve(settings, listener, log_format="json")


@cli.command("prepare-db")
def prepare_db(migrate: MigrateOption = False, dry_run: DryRunOption = False) -> None:
    """Create the indexes in PROGRESS_MONGODB_URI, and bring records of earlier versions up to date.

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
        typer.echo(f"{upgraded} records of an earlier version have watched_seconds now")
    for collection, count in old.items():
        if count and not migrate:
            typer.echo(
                f"{collection}: {count} documents are of another shape; they are read as they are, "
                "and `progress-service prepare-db --migrate` rewrites them"
            )


@cli.command()
def seed() -> None:
    """Put the demo course and its student's enrolment into PROGRESS_MONGODB_URI."""
    if missing := asyncio.run(_seed(read_settings())):
        raise StartupError(missing)
    typer.echo("The demo course is there.")


@cli.command()
def token(
    sub: Annotated[str, typer.Option(help="The user id.")],
    role: Annotated[RoleChoice, typer.Option(help="What they may be.")],
    ttl: Annotated[int, typer.Option(help="Seconds until it expires.", min=1)] = 3600,
) -> None:
    """Print a development token, signed with the configured secret (or the one `dev` keeps)."""
    settings = _for_development(read_settings())
    minted = development.mint_token(settings, subject=sub, role=role.value, ttl_seconds=ttl)
    try:
        asyncio.run(tokens_of(settings).check(minted))
    except ServiceError as error:
        raise StartupError(f"--sub {sub!r} makes no usable token: {error.message}") from error
    typer.echo(minted)


@cli.command("export-openapi")
def export_openapi(
    path: Annotated[Path, typer.Argument(help="File to write; - prints it.")] = Path("-"),
) -> None:
    """Write the OpenAPI document. Needs no database."""
    app = create_app(read_settings(jwt_secret=secrets.token_hex(32), jwt_algorithms="HS256"))
    document = json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"
    if str(path) == "-":
        sys.stdout.write(document)
        return
    try:
        path.write_text(document)
    except OSError as error:
        raise StartupError(f"{path} cannot be written ({error.strerror}).") from error


def _for_development(settings: Settings) -> Settings:
    if settings.jwt_secret is not None:
        return settings
    return settings.with_values(jwt_secret=development.kept_secret(settings.data_dir))


async def _prepare(settings: Settings) -> tuple[list[str], int, dict[str, int]]:
    async with _reachable(settings) as database:
        indexes, upgraded = await schema.prepare(database), await add_watched_seconds(database)
        old = {
            schema.WATCH_PROGRESS: await count_old_records(database),
            schema.ENROLLMENTS: await count_old_enrollments(database),
        }
        return indexes, upgraded, old


async def _migrate(settings: Settings, *, dry_run: bool) -> list[Counts]:
    async with _reachable(settings) as database:
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


async def _seed(settings: Settings) -> str | None:
    async with _reachable(settings) as database:
        await schema.prepare(database)
        await add_watched_seconds(database)
        return await development.seed(database)


async def _require_prepared(settings: Settings) -> None:
    async with _reachable(settings) as database:
        await schema.require(database)


@asynccontextmanager
async def _reachable(settings: Settings) -> AsyncIterator[Database]:
    if settings.mongodb_uri is None:
        raise StartupError(
            "PROGRESS_MONGODB_URI is not set; name a replica set, "
            "or run `progress-service dev` for a private database."
        )
    uri = settings.mongodb_uri.get_secret_value()
    async with open_database(uri, settings.mongodb_database) as database:
        try:
            with no_warnings():
                yield database
        except Unavailable as error:
            raise StartupError(
                "The database of PROGRESS_MONGODB_URI does not answer; "
                "check the address, and that a primary is up."
            ) from error
