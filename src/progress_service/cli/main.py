"""The command group, its exit codes, and the list of commands."""

from __future__ import annotations

import sys

import typer

from progress_service.cli import (
    analytics,
    api_document,
    database,
    demo,
    doctor,
    erasure,
    imports,
    privacy,
    serve,
    tokens,
)
from progress_service.errors import StartupError
from progress_service.observability.logging import configure_logging

cli = typer.Typer(
    name="progress-service",
    help="Stores where each learner is in each course video.",
    epilog="Settings are environment variables with the prefix PROGRESS_; see .env.example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command()(serve.dev)
cli.command()(serve.serve)
cli.command()(database.prepare_db)
cli.command()(demo.seed)
cli.command(name="import")(imports.import_file)
cli.command()(analytics.rebuild_analytics)
cli.command()(doctor.doctor)
cli.command()(erasure.erase)
cli.command()(privacy.retain)
cli.command()(tokens.token)
cli.command()(api_document.export_openapi)


def main() -> None:
    """Run the command line; an error is one sentence on stderr and exit code 1."""
    configure_logging("console")
    try:
        cli()
    except StartupError as error:
        sys.stderr.write(f"progress-service: {error}\n")
        raise SystemExit(1) from None
