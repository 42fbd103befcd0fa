"""What `import` prints and writes: a line for each row, or the first errors and a summary."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import typer

from progress_service.errors import StartupError
from progress_service.imports.checkpoints import STATUSES, Checkpoint
from progress_service.imports.rows import Outcome
from progress_service.imports.schemas import result_line

MAX_ERRORS_SHOWN = 10
PROGRESS_ROWS = 100_000  # Between two lines on the terminal.


class Results:
    """The results of an import; with a file, each row has a line there."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._shown = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("ab")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def resume(self, checkpoint: Checkpoint) -> None:
        """Remove the lines after *checkpoint*, which are written again.

        Raises:
            StartupError: the file lacks lines of earlier runs.
        """
        if checkpoint.rows:
            typer.echo(f"continuing after row {checkpoint.rows}", err=True)
        if self._file is None:
            return
        if self._file.tell() < checkpoint.results_bytes:
            raise StartupError(
                f"{self._path} lacks the results of the rows that are stored already; "
                "name the file of the first run, or add --restart."
            )
        self._file.truncate(checkpoint.results_bytes)

    def add(self, outcomes: Sequence[Outcome], *, after: int) -> int:
        """Write the lines of *outcomes* to disk; or show errors, unless enough are shown."""
        rows = after + len(outcomes)
        if rows // PROGRESS_ROWS > after // PROGRESS_ROWS:
            typer.echo(f"{rows} rows", err=True)
        if self._file is None:
            self._show_errors(outcomes, after)
            return 0
        lines = (result_line(number, each) for number, each in enumerate(outcomes, after + 1))
        self._file.write(b"".join(lines))
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def _show_errors(self, outcomes: Sequence[Outcome], after: int) -> None:
        for number, outcome in enumerate(outcomes, after + 1):
            if outcome.status == "rejected" and self._shown < MAX_ERRORS_SHOWN:
                self._shown += 1
                typer.echo(f"row {number}: {outcome.code}: {outcome.detail}", err=True)
                if self._shown == MAX_ERRORS_SHOWN:
                    typer.echo("further errors are not shown; --results has them all", err=True)


def summary(checkpoint: Checkpoint, *, dry_run: bool) -> str:
    """One line about the whole import."""
    verb = "would be " if dry_run else ""
    counts = ", ".join(f"{checkpoint.counts[status]} {verb}{status}" for status in STATUSES)
    return f"{checkpoint.rows} rows: {counts}"
