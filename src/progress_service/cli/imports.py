"""`import`: stores what another system has recorded, from a file of any size."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from progress_service.cli.database import reachable
from progress_service.cli.import_results import Results, summary
from progress_service.clock import Clock
from progress_service.errors import Invalid, StartupError, Unavailable
from progress_service.imports.checkpoints import Checkpoint, CheckpointStore, import_id_of
from progress_service.imports.file_import import FileImport
from progress_service.imports.files import FileFormat, format_by_name, rows_in
from progress_service.imports.mapping import FileMapping, read_mapping
from progress_service.mongo import schema
from progress_service.settings import Settings, read_settings
from progress_service.standalone import build_imports

STDIN = "-"
SOME_REJECTED, COULD_NOT_RUN = 1, 2

FileArgument = Annotated[str, typer.Argument(help="File to import; - reads standard input.")]
FormatOption = Annotated[
    FileFormat | None,
    typer.Option("--format", help="Unset: csv for .csv and .tsv, ndjson for .ndjson and .jsonl."),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(help="TOML or JSON file: how columns of another system become ours."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only print what the import would do.")
]
RestartOption = Annotated[
    bool, typer.Option("--restart", help="Start at the first row, not where the last run stopped.")
]
ResultsOption = Annotated[
    Path | None, typer.Option(help="File for one line of JSON per row; otherwise a summary.")
]


@dataclass(frozen=True, slots=True)
class Source:
    """What to import, and how to read it."""

    file: Path | None
    form: FileFormat
    mapping: FileMapping | None
    mapping_file: Path | None

    @property
    def import_id(self) -> str | None:
        """Under which the import resumes; ``None`` for standard input."""
        if self.file is None:
            return None
        return import_id_of(self.file, form=self.form, mapping=self.mapping_file)

    def open(self) -> BinaryIO:
        """The bytes to read."""
        return sys.stdin.buffer if self.file is None else self.file.open("rb")


def import_file(
    file: FileArgument,
    form: FormatOption = None,
    mapping: MappingOption = None,
    dry_run: DryRunOption = False,
    restart: RestartOption = False,
    results: ResultsOption = None,
) -> None:
    """Store what another system has recorded, in PROGRESS_MONGODB_URI.

    Rows are merged by the rules for reports: a repeat changes nothing, and nothing is lowered. A
    run that was stopped continues where it was, when it is started again with the same file. The
    exit code is 0 if all rows are stored, 1 if some were rejected, 2 if the import could not run.
    """
    try:
        source = _source(file, form, mapping)
        state = asyncio.run(
            _import(read_settings(), source, results, dry_run=dry_run, restart=restart)
        )
    except StartupError as error:
        typer.echo(f"progress-service: {error}", err=True)
        raise typer.Exit(COULD_NOT_RUN) from error
    except Invalid as error:
        typer.echo(f"progress-service: {file} cannot be imported: {error.message}.", err=True)
        raise typer.Exit(COULD_NOT_RUN) from error
    except OSError as error:
        typer.echo(f"progress-service: {error.filename or file}: {error.strerror}.", err=True)
        raise typer.Exit(COULD_NOT_RUN) from error
    typer.echo(summary(state, dry_run=dry_run))
    if state.counts["rejected"]:
        raise typer.Exit(SOME_REJECTED)


def _source(file: str, form: FileFormat | None, mapping: Path | None) -> Source:
    form = form or format_by_name(file)
    if form is None:
        raise StartupError(f"The format of {file} is unknown; add --format ndjson, csv or xapi.")
    path = None if file == STDIN else Path(file)
    return Source(path, form, read_mapping(mapping) if mapping else None, mapping)


async def _import(
    settings: Settings, source: Source, results: Path | None, *, dry_run: bool, restart: bool
) -> Checkpoint:
    """Import all rows.

    Raises:
        Invalid: the file is a table without a header, or with other columns.
        StartupError: the database does not respond.
    """
    import_id = None if dry_run else source.import_id
    with source.open() as stream, Results(results) as report:
        rows = rows_in(stream, source.form, source.mapping)
        async with reachable(settings) as database:
            await schema.require(database)
            checkpoints = CheckpointStore(database)
            if import_id is not None and restart:
                await checkpoints.remove(import_id)
            imports = build_imports(settings, database, Clock())
            running = FileImport(
                imports, checkpoints, import_id=import_id, dry_run=dry_run, report=report
            )
            try:
                return await running.run(rows)
            except Unavailable as error:
                raise StartupError(_stopped(running.checkpoint, import_id)) from error


def _stopped(checkpoint: Checkpoint, import_id: str | None) -> str:
    stored = f"The database stopped responding after row {checkpoint.rows}."
    if import_id is None:
        return f"{stored} Start the import again; what is stored already will be unchanged."
    return f"{stored} Run the same command again to continue there."
