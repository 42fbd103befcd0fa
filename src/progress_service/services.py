"""Builds every service that needs the database once, and connects them."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from progress_service.analytics.counting import Counting
from progress_service.analytics.release_maker import ReleaseMaker
from progress_service.analytics.releases import Releases
from progress_service.analytics.service import AnalyticsService
from progress_service.analytics.stale_videos import StaleVideos
from progress_service.analytics.store import AnalyticsStore
from progress_service.analytics.turns import Turns
from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.class_members import ClassMembers
from progress_service.catalog.course_list import CourseList
from progress_service.catalog.courses_store import CoursesStore as CatalogCoursesStore
from progress_service.catalog.enrollment_activity import EnrollmentActivity
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.lists import CatalogLists
from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.preferences_store import PreferencesStore
from progress_service.catalog.service import CatalogService
from progress_service.changes.cache_invalidation import CacheInvalidation
from progress_service.changes.events import (
    CatalogEvent,
    CourseChanged,
    EnrollmentChanged,
    PreferencesChanged,
)
from progress_service.changes.feed import ChangeFeed
from progress_service.clock import Clock
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.deliveries import provide_deliveries
from progress_service.domain.progress import Progress
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provide, service_in
from progress_service.edge.token_verifier import TokenVerifier
from progress_service.erasing import provide_erasures
from progress_service.gradebook.service import GradebookService
from progress_service.gradebook.store import GradebookStore
from progress_service.live.hub import Hub
from progress_service.live.service import ChangesService
from progress_service.live.sockets import LiveDependencies
from progress_service.live.updates import LiveUpdates
from progress_service.mongo.batcher import Batcher
from progress_service.mongo.change_stream import ChangeStream
from progress_service.mongo.client import Database
from progress_service.observability.metrics import Metrics
from progress_service.offline.service import OfflineService
from progress_service.outbox.store import OutboxStore
from progress_service.privacy.retention_turns import RetentionTurns
from progress_service.privacy.retention_worker import RetentionWorker
from progress_service.privacy.service import ExportService
from progress_service.privacy.store import PersonalDataStore
from progress_service.progress.class_records import ClassRecords
from progress_service.progress.ingest import Ingest
from progress_service.progress.merge import Change
from progress_service.progress.reader import ProgressReader
from progress_service.progress.service import ProgressService
from progress_service.progress.store import Key, ProgressStore
from progress_service.resume.service import ResumeService
from progress_service.settings import Settings
from progress_service.standalone import build_retention, import_service


def build_services(
    app: FastAPI,
    database: Database,
    store: ProgressStore,
    *,
    stale_videos: StaleVideos,
    activity: EnrollmentActivity,
    writes: Batcher[Change, bool],
    reads: Batcher[Key, Progress],
) -> None:
    """Build the services that need the database, and provide them to *app*."""
    settings, clock = service_in(app, Settings), service_in(app, Clock)
    enrollments, cache = EnrollmentsStore(database), CatalogCache()
    courses_store = CatalogCoursesStore(database, default_percent=settings.complete_at_percent)
    catalog = CatalogService(courses_store, enrollments, cache, clock=clock)
    preferences = PreferencesService(PreferencesStore(database), cache)
    outbox, summaries = OutboxStore(database), CoursesStore(enrollments, store)
    totals = EnrollmentTotals(summaries, enrollments, add_events=outbox.add)
    progress = ProgressService(
        store,
        writes,
        reads,
        catalog,
        preferences,
        clock=clock,
        on_completion_changed=totals.completion_changed,
        add_session_events=outbox.add if settings.xapi_endpoint else None,
    )
    provide(
        app,
        catalog,
        CatalogLists(CourseList(database), ClassMembers(database), catalog),
        CoursesService(summaries, totals, catalog),
        progress,
        preferences,
        OfflineService(Ingest(store, progress, catalog, preferences)),
        import_service(database, store, catalog, preferences, totals, clock),
        ResumeService(store, enrollments, catalog, clock=clock),
        GradebookService(GradebookStore(database), catalog, repair_totals=totals.repair),
    )
    _provide_live(app, ChangesService(store, catalog), cache, totals, stale_videos)
    _provide_analytics(app, database, catalog, stale_videos, k=settings.analytics_min_learners)
    _provide_privacy(app, database, catalog)
    provide_deliveries(app, database, outbox, catalog)
    provide_erasures(app, database, outbox, cache, totals, activity)


def _provide_privacy(app: FastAPI, database: Database, catalog: CatalogService) -> None:
    settings, clock = service_in(app, Settings), service_in(app, Clock)
    reader, store = ProgressReader(database), PersonalDataStore(database)
    retention = build_retention(settings, database, clock)
    provide(
        app,
        ExportService(store, reader, catalog, clock=clock),
        RetentionWorker(retention, RetentionTurns(database)),
    )


def _provide_live(
    app: FastAPI,
    changes: ChangesService,
    cache: CatalogCache,
    totals: EnrollmentTotals,
    stale_videos: StaleVideos,
) -> None:
    hub = Hub(service_in(app, Metrics))
    updates = LiveUpdates(hub, service_in(app, CatalogService))
    feed = _change_feed(service_in(app, Settings), cache, totals, hub, updates, stale_videos)
    dependencies = LiveDependencies(
        verifier=service_in(app, TokenVerifier),
        limiter=service_in(app, RateLimiter),
        concurrency=service_in(app, ConcurrencyLimiter),
        hub=hub,
        feed=feed,
        changes=changes,
    )
    provide(app, hub, feed, changes, dependencies)


def _provide_analytics(
    app: FastAPI, database: Database, catalog: CatalogService, stale: StaleVideos, *, k: int
) -> None:
    releases = build_releases(database, catalog, stale, k=k)
    analytics = AnalyticsService(AnalyticsStore(database), releases, catalog, k=k)
    provide(app, releases, analytics)


def build_releases(
    database: Database, catalog: CatalogService, stale_videos: StaleVideos, *, k: int
) -> Releases:
    """What makes releases; also for the command line."""
    counting = Counting(ClassRecords(database), newest=k)
    members = ClassMembers(database)
    store, turns = AnalyticsStore(database), Turns(database)
    maker = ReleaseMaker(store, counting, members, catalog, k=k)
    return Releases(maker, catalog, stale_videos, turns)


def _change_feed(
    settings: Settings,
    cache: CatalogCache,
    totals: EnrollmentTotals,
    hub: Hub,
    updates: LiveUpdates,
    stale_videos: StaleVideos,
) -> ChangeFeed:
    """The feed with its subscribers; caches come first, so that frames contain fresh values."""
    assert settings.mongodb_uri is not None  # noqa: S101 - the database is open
    invalidation = CacheInvalidation(cache)

    async def catalog_changed(event: CatalogEvent) -> None:
        invalidation.catalog_changed(event)
        if isinstance(event, EnrollmentChanged):
            totals.enrollment_changed(event.student_id, event.course_id)
        _note_stale(stale_videos, event)
        await updates.catalog_changed(event)

    return ChangeFeed(
        partial(ChangeStream, settings.mongodb_uri.get_secret_value(), settings.mongodb_database),
        on_catalog_changed=catalog_changed,
        on_progress_changed=updates.progress_changed,
        is_listening=lambda student_id: bool(hub.sockets_of(student_id)),
    )


def _note_stale(stale_videos: StaleVideos, event: CatalogEvent) -> None:
    if isinstance(event, CourseChanged):
        stale_videos.note_course(event.course_id)
    elif isinstance(event, EnrollmentChanged):
        if event.is_new or event.is_removed:
            stale_videos.note_course(event.course_id)
    elif not isinstance(event, PreferencesChanged):
        stale_videos.note_all()
