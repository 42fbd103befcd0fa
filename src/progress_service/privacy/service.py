"""Exports everything that is stored about a student."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.domain.progress import Progress
from progress_service.pacing import paced
from progress_service.privacy.declarations import StoredData
from progress_service.privacy.export_lines import Line, line_of, progress_line
from progress_service.privacy.json_values import to_json_line, to_json_time
from progress_service.privacy.personal_data import PERSONAL_DATA
from progress_service.privacy.store import PersonalDataStore
from progress_service.privacy.student_data import RECORDS
from progress_service.progress.reader import ProgressReader

FORMAT_VERSION = 1
"""Of the lines; it changes when a client must read them differently."""


class ExportService:
    """Streams what the inventory declares as exported."""

    def __init__(
        self,
        store: PersonalDataStore,
        reader: ProgressReader,
        catalog: CatalogService,
        *,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reader = reader
        self._catalog = catalog
        self._clock = clock

    async def export(self, student_id: str) -> AsyncGenerator[bytes, None]:
        """The lines of JSON, some at a time: a header, everything stored, and an end.

        Without the end, the export is incomplete. Unreadable records are logged and left out.

        Raises:
            Unavailable: the database does not respond.
        """
        header = {
            "kind": "export",
            "student_id": student_id,
            "exported_at": to_json_time(self._clock.now()),
            "version": FORMAT_VERSION,
        }
        lines = 1
        pending = [header]
        for data in PERSONAL_DATA:
            if data.line_kind is None:
                continue
            async for page in self._lines_of(data, student_id):
                pending += page
                lines += len(page)
                yield await _as_text(pending)
                pending = []
        yield await _as_text([*pending, {"kind": "end", "lines": lines}])

    async def _lines_of(self, data: StoredData, student_id: str) -> AsyncIterator[list[Line]]:
        assert data.line_kind is not None  # noqa: S101 - only exported data is read
        async for documents in self._store.documents(data, student_id):
            if data is RECORDS:
                yield await self._records(documents)
            else:
                yield [line_of(data.line_kind, one) async for one in paced(documents)]

    async def _records(self, documents: Sequence[dict[str, Any]]) -> list[Line]:
        readable: list[tuple[dict[str, Any], Progress]] = [
            (document, record)
            async for document in paced(documents)
            if (record := self._reader.read(document)) is not None
        ]
        current = await self._catalog.current_states([record for _, record in readable])
        return [
            progress_line(document, record, completed_at=now.completed_at)
            async for (document, record), now in paced(zip(readable, current, strict=True))
        ]


async def _as_text(lines: Sequence[Line]) -> bytes:
    return b"".join([to_json_line(line) async for line in paced(lines)])
