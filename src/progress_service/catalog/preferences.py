"""Whether a student's history is paused, cached like enrolments."""

from __future__ import annotations

from collections.abc import Sequence

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.preferences_store import PreferencesStore
from progress_service.domain.preferences import History, Preferences


class PreferencesService:
    """Reads and changes preferences.

    A change holds in this process from the next report on, and in others when their change stream
    has it.
    """

    def __init__(self, store: PreferencesStore, cache: CatalogCache) -> None:
        self._store = store
        self._cache = cache

    async def read(self, student_id: str) -> Preferences:
        """The student's preferences, as stored."""
        return await self._store.read(student_id)

    async def write(self, student_id: str, history: History) -> Preferences:
        """Store the student's choice.

        Raises:
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        try:
            return await self._store.write(student_id, history)
        finally:  # It may be stored, whatever the outcome.
            self._cache.invalidate_history(student_id)

    async def is_history_paused(self, student_id: str) -> bool:
        """True when only completions may be stored; mostly read with the enrolment already."""
        if (cached := self._cache.is_history_paused(student_id)) is not None:
            return cached
        generation = self._cache.generation
        is_paused = (await self._store.read(student_id)).is_history_paused
        self._cache.add_history(student_id, is_paused=is_paused, generation=generation)
        return is_paused

    async def paused_among(self, student_ids: Sequence[str]) -> frozenset[str]:
        """The students of *student_ids* whose history is paused, as stored."""
        return await self._store.paused_among(student_ids)
