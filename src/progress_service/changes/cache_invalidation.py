"""Invalidates cached values of this process when the database reports a change."""

from __future__ import annotations

from progress_service.catalog.cache import CatalogCache
from progress_service.changes.events import (
    CatalogEvent,
    CatalogStale,
    CourseChanged,
    HistoryLost,
    PreferencesChanged,
)


class CacheInvalidation:
    """Applies changes, mostly those of other processes, to the cache."""

    def __init__(self, cache: CatalogCache) -> None:
        self._cache = cache

    def catalog_changed(self, event: CatalogEvent) -> None:
        """Invalidate what *event* makes stale."""
        if isinstance(event, CatalogStale | HistoryLost):
            self._cache.clear()
        elif isinstance(event, CourseChanged):
            self._cache.invalidate_course(event.course_id)
        elif isinstance(event, PreferencesChanged):
            self._cache.invalidate_history(event.student_id)
        elif event.is_removed:
            self._cache.invalidate_enrollment(event.student_id, event.course_id)
