"""What changed for a student since a cursor."""

from __future__ import annotations

from progress_service.catalog.service import CatalogService
from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Progress
from progress_service.progress.store import ProgressStore


class ChangesService:
    """Answers "what is new?" from the records themselves; there is no log to keep or to lose."""

    def __init__(self, store: ProgressStore, catalog: CatalogService) -> None:
        self._store = store
        self._catalog = catalog

    async def since(
        self, student_id: str, cursor_text: str | None
    ) -> tuple[list[Progress], Cursor]:
        """The records that changed after the cursor (all without one), and the cursor after them.

        Raises:
            Invalid: the cursor is not one of ours.
            Unavailable: the database does not answer.
        """
        since = Cursor.decode(cursor_text) if cursor_text is not None else None
        records = await self._store.read_changed(
            student_id, since=since.reaches_back_to if since else None
        )
        fresh = [r for r in records if since is None or not since.has_seen(r)]
        return await self._catalog.current_states(fresh), Cursor.after(fresh, since=since)
