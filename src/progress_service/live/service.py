"""Reads what changed for a student since a cursor."""

from __future__ import annotations

from datetime import datetime

from progress_service.catalog.service import CatalogService
from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Progress
from progress_service.progress.projections import IN_FRAME
from progress_service.progress.store import ProgressStore


class ChangesService:
    """Reads changes from the records themselves; there is no separate log."""

    def __init__(self, store: ProgressStore, catalog: CatalogService) -> None:
        self._store = store
        self._catalog = catalog

    async def since(
        self, student_id: str, cursor_text: str | None
    ) -> tuple[list[Progress], Cursor]:
        """The records that changed after the cursor (all without one), and the cursor after them.

        Raises:
            Invalid: the cursor is not one of this service.
            Unavailable: the database does not respond.
        """
        since = Cursor.decode(cursor_text) if cursor_text is not None else None
        if since is None:
            records = await self._store.read_changed(student_id, since=None)
            everything = await self._catalog.current_states(records)
            return everything, Cursor.after(everything)
        states = await self._changed(student_id, since=since.reaches_back_to)
        fresh = [state for state in states if not since.has_seen(state)]
        return fresh, Cursor.after(fresh, since=since)

    async def _changed(self, student_id: str, *, since: datetime) -> list[Progress]:
        """The records that changed, or that a lowered threshold completed, oldest change first."""
        records = await self._store.read_changed(student_id, since=since)
        changed_ids = {record.material_id for record in records}
        lowered_ids = await self._catalog.materials_lowered_since(student_id, since)
        if other_ids := [mid for mid in lowered_ids if mid not in changed_ids]:
            others = await self._store.read_many(student_id, other_ids, fields=IN_FRAME)
            records = [*records, *others.values()]
        states = await self._catalog.current_states(records)
        changed = [state for state in states if state.stored_at and state.stored_at >= since]
        return sorted(changed, key=lambda state: (state.stored_at, state.material_id))
