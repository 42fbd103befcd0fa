"""The stores and services on a database, connected as the application connects them."""

from __future__ import annotations

from dataclasses import dataclass

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore as CatalogCoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock, Now
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.mongo.client import Database
from progress_service.outbox.store import OutboxStore
from progress_service.progress.store import ProgressStore
from tests.builders import NOON


@dataclass(frozen=True)
class Composition:
    """One worker's stores and services."""

    catalog_courses: CatalogCoursesStore
    enrollments: EnrollmentsStore
    progress: ProgressStore
    cache: CatalogCache
    catalog: CatalogService
    courses_store: CoursesStore
    totals: EnrollmentTotals
    courses: CoursesService


def compose(database: Database, now: Now = lambda: NOON) -> Composition:
    """The stores and services of one worker."""
    catalog_courses, enrollments = CatalogCoursesStore(database), EnrollmentsStore(database)
    progress = ProgressStore(database)
    cache = CatalogCache()
    catalog = CatalogService(catalog_courses, enrollments, cache, clock=Clock(now))
    courses_store = CoursesStore(enrollments, progress)
    outbox = OutboxStore(database)
    totals = EnrollmentTotals(courses_store, enrollments, add_events=outbox.add)
    return Composition(
        catalog_courses=catalog_courses,
        enrollments=enrollments,
        progress=progress,
        cache=cache,
        catalog=catalog,
        courses_store=courses_store,
        totals=totals,
        courses=CoursesService(courses_store, totals, catalog),
    )
