"""`rebuild-analytics`: counts every class again."""

from __future__ import annotations

import asyncio

import typer

from progress_service.analytics.stale_videos import StaleVideos
from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.cli.database import reachable
from progress_service.clock import Clock
from progress_service.mongo import schema
from progress_service.services import build_releases
from progress_service.settings import Settings, read_settings


def rebuild_analytics() -> None:
    """Count every class again, and store the releases that are missing or may be replaced.

    The numbers are those that the service makes by itself. Safe to stop and to repeat; it takes at
    most a tenth of the database's time.
    """
    courses, releases = asyncio.run(_rebuild(read_settings()))
    typer.echo(f"{releases} videos and courses were counted, in {courses} courses")


async def _rebuild(settings: Settings) -> tuple[int, int]:
    async with reachable(settings) as database:
        await schema.require(database)
        store = CoursesStore(database, default_percent=settings.complete_at_percent)
        enrollments = EnrollmentsStore(database)
        catalog = CatalogService(store, enrollments, CatalogCache(), clock=Clock())
        k = settings.analytics_min_learners
        releases = build_releases(database, catalog, StaleVideos(), k=k)
        course_ids = await store.ids()
        return len(course_ids), sum([await releases.rebuild(cid) for cid in course_ids])
