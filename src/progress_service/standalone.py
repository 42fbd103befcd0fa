"""Builds services with caches of their own, for the command line and for work in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore as CatalogCoursesStore
from progress_service.catalog.enrollment_activity import EnrollmentActivity
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.preferences_store import PreferencesStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.imports.service import ImportService
from progress_service.mongo.client import Database
from progress_service.outbox.store import OutboxStore
from progress_service.privacy.retention import Retention
from progress_service.privacy.retention_store import RetentionStore
from progress_service.progress.hooks import OnStoring
from progress_service.progress.merge import Change
from progress_service.progress.reader import ProgressReader
from progress_service.progress.store import ProgressStore
from progress_service.settings import Settings


def note_activity(activity: EnrollmentActivity) -> OnStoring:
    """What a `ProgressStore` calls, so that enrolments know when their students were active."""

    def note(changes: Iterable[Change]) -> Awaitable[None] | None:
        return activity.note(
            (change.student_id, change.course_id) for change in changes if change.keeps_history
        )

    return note


def build_imports(settings: Settings, database: Database, clock: Clock) -> ImportService:
    """What applies the rows of an import, for the command line."""
    store, catalog, cache, totals = _standalone(settings, database, clock)
    preferences = PreferencesService(PreferencesStore(database), cache)
    return import_service(database, store, catalog, preferences, totals, clock)


def build_retention(settings: Settings, database: Database, clock: Clock) -> Retention | None:
    """What removes old data, also for the command line; ``None`` without a retention period."""
    if settings.retain_days is None:
        return None
    _, catalog, _, totals = _standalone(settings, database, clock)
    return Retention(
        RetentionStore(database),
        ProgressReader(database),
        catalog,
        retain_days=settings.retain_days,
        on_completion_changed=totals.completion_changed,
    )


def _standalone(
    settings: Settings, database: Database, clock: Clock
) -> tuple[ProgressStore, CatalogService, CatalogCache, EnrollmentTotals]:
    """What changes records and totals, with a cache of its own."""
    store = ProgressStore(database, on_storing=note_activity(EnrollmentActivity(database)))
    enrollments, cache = EnrollmentsStore(database), CatalogCache()
    courses_store = CatalogCoursesStore(database, default_percent=settings.complete_at_percent)
    catalog = CatalogService(courses_store, enrollments, cache, clock=clock)
    totals = EnrollmentTotals(
        CoursesStore(enrollments, store), enrollments, add_events=OutboxStore(database).add
    )
    return store, catalog, cache, totals


def import_service(
    database: Database,
    store: ProgressStore,
    catalog: CatalogService,
    preferences: PreferencesService,
    totals: EnrollmentTotals,
    clock: Clock,
) -> ImportService:
    """What applies the rows of imports."""
    return ImportService(
        database,
        store,
        catalog,
        preferences,
        clock=clock,
        on_completion_changed=totals.completion_changed,
    )
