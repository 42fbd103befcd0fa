"""Logs documents that cannot be read: by collection and id, never by content."""

from __future__ import annotations

from cachetools import TTLCache

from progress_service.observability import get_logger

REPEAT_SECONDS = 600.0  # A learner who looks again and again does not fill the log.
MAX_REMEMBERED = 10_000
MAX_ID_CHARACTERS = 128

log = get_logger("mongo")


class UnreadableLog:
    """Logs each document once in a while, however often it is skipped."""

    def __init__(self) -> None:
        self._logged: TTLCache[tuple[str, str], bool] = TTLCache(MAX_REMEMBERED, REPEAT_SECONDS)

    def skipped(self, collection: str, document_id: object) -> None:
        """The document was left out of an answer."""
        shown = str(document_id)[:MAX_ID_CHARACTERS]
        if (collection, shown) not in self._logged:
            self._logged[collection, shown] = True
            log.warning("document_unreadable", collection=collection, document_id=shown)
