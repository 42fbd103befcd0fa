"""Logs documents that cannot be read: by collection and id, never by content."""

from __future__ import annotations

from cachetools import TTLCache

from progress_service.observability.logging import get_logger

REPEAT_SECONDS = 600.0  # Repeated reads of one document must not fill the log.
MAX_DOCUMENTS = 10_000
MAX_ID_CHARACTERS = 128

log = get_logger("mongo")


class UnreadableLog:
    """Logs each document at most once in `REPEAT_SECONDS`."""

    def __init__(self) -> None:
        self._logged: TTLCache[tuple[str, str], bool] = TTLCache(MAX_DOCUMENTS, REPEAT_SECONDS)

    def skipped(self, collection: str, document_id: object) -> None:
        """Log that the document was left out of a result."""
        shown = str(document_id)[:MAX_ID_CHARACTERS]
        if (collection, shown) not in self._logged:
            self._logged[collection, shown] = True
            log.warning("document_unreadable", collection=collection, document_id=shown)
