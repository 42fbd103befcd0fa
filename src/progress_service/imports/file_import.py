"""Imports a file chunk by chunk: waits for the database, and notes how far it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from progress_service.errors import Unavailable
from progress_service.imports.checkpoints import Checkpoint, CheckpointStore
from progress_service.imports.retries import apply_with_retries
from progress_service.imports.rows import Outcome, ParsedRow
from progress_service.imports.service import ROWS_IN_CHUNK, ImportService

CHECKPOINT_ROWS = ROWS_IN_CHUNK
PAUSES_SECONDS = (0.5, 1, 2, 4, 8, 15, 30)
"""A minute in which the database may recover."""


class Report(Protocol):
    """What a person sees of an import."""

    def resume(self, checkpoint: Checkpoint) -> None:
        """The import continues there; later results were lost, and follow again."""

    def add(self, outcomes: Sequence[Outcome], *, after: int) -> int:
        """The outcomes of rows, whose numbers follow *after*.

        Returns:
            The size of the file of results, which is durable; 0 without one.
        """


class FileImport:
    """One run of an import."""

    def __init__(
        self,
        imports: ImportService,
        checkpoints: CheckpointStore,
        *,
        import_id: str | None,
        dry_run: bool,
        report: Report,
    ) -> None:
        """
        Args:
            imports: applies rows.
            checkpoints: where the run continues, and notes how far it has come.
            import_id: what is imported; ``None`` if the run cannot be resumed.
            dry_run: change nothing.
            report: gets the outcomes.
        """
        self._imports = imports
        self._checkpoints = checkpoints
        self._import_id = import_id
        self._dry_run = dry_run
        self._report = report
        self.checkpoint = Checkpoint()

    async def run(self, rows: Iterator[ParsedRow]) -> Checkpoint:
        """Import *rows*, after those of earlier runs.

        Returns:
            The state at the end, earlier runs included.

        Raises:
            Unavailable: the database does not respond; `checkpoint` says what is stored.
        """
        if self._import_id is not None:
            self.checkpoint = await self._checkpoints.read(self._import_id)
        self._report.resume(self.checkpoint)
        for _ in islice(rows, self.checkpoint.rows):
            pass
        async with self._imports.begin(dry_run=self._dry_run) as running:
            while chunk := list(islice(rows, CHECKPOINT_ROWS)):
                outcomes = await apply_with_retries(running, chunk, pauses_seconds=PAUSES_SECONDS)
                if any(outcome.is_unknown for outcome in outcomes):
                    raise Unavailable("The database does not respond.")
                await self._note(outcomes)
        if self._import_id is not None:
            await self._checkpoints.remove(self._import_id)
        return self.checkpoint

    async def _note(self, outcomes: Sequence[Outcome]) -> None:
        """Report first, so that a checkpoint never lies beyond the results."""
        results_bytes = self._report.add(outcomes, after=self.checkpoint.rows)
        counts = Counter(self.checkpoint.counts)
        counts.update(outcome.status for outcome in outcomes)
        rows = self.checkpoint.rows + len(outcomes)
        self.checkpoint = Checkpoint(rows, counts, results_bytes)
        if self._import_id is not None:
            await self._checkpoints.write(self._import_id, self.checkpoint)
