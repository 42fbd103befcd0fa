"""create_app(settings): builds every part once and plugs them together."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from progress_service import pages
from progress_service.catalog import routes as catalog_routes
from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.courses import routes as courses_routes
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.domain.progress import Progress
from progress_service.edge import health, openapi, problems
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.edge.deadlines import Deadlines
from progress_service.edge.keys import Keys
from progress_service.edge.lean import LeanRoutes
from progress_service.edge.rate_limit import Limits
from progress_service.edge.requests import EveryRequest
from progress_service.edge.tokens import Tokens
from progress_service.errors import StartupError
from progress_service.live import routes as live_routes
from progress_service.live.feed import Feed
from progress_service.live.frames import CLIENT_FRAMES, SERVER_FRAMES
from progress_service.live.hub import Hub
from progress_service.live.service import ChangesService
from progress_service.live.sockets import LiveParts, LiveSockets
from progress_service.mongo import schema
from progress_service.mongo.changes import ChangeStream
from progress_service.mongo.client import Database, answers, open_database
from progress_service.observability import Metrics, configure_logging
from progress_service.offline import routes as offline_routes
from progress_service.offline.service import OfflineService
from progress_service.progress import routes as progress_routes
from progress_service.progress.group_commit import Answer, Grouped, Item, Trip
from progress_service.progress.merge import Change
from progress_service.progress.service import ProgressService
from progress_service.progress.store import Key, ProgressStore
from progress_service.resume import routes as resume_routes
from progress_service.resume.service import ResumeService
from progress_service.resume.store import DismissedStore
from progress_service.settings import Settings, read_settings

FEATURES = (
    progress_routes,
    courses_routes,
    resume_routes,
    live_routes,
    offline_routes,
    catalog_routes,
    health,
)

# A driver's thread that has an answer waits that long for the busy event loop to make way; the
# usual 5 ms, several times in a trip, were a third of it.
SWITCH_SECONDS = 0.0005
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class Service(FastAPI):
    """FastAPI, with what every request meets first in front of all its layers."""

    def put_in_front(self, settings: Settings) -> None:
        """Build the layers that see a request before FastAPI does, the innermost first."""
        front: ASGIApp = LeanRoutes(super().__call__, self, [part.router for part in FEATURES])
        front = LiveSockets(front, self, origins=settings.cors_origins)
        front = EveryRequest(
            front,
            metrics=self.state.metrics,
            deadlines=self.state.deadlines,
        )
        if settings.cors_origins:  # outermost, so that pages can read every refusal
            front = CORSMiddleware(
                front,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "PUT", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
                expose_headers=["Retry-After", "X-Request-ID"],
            )
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        await self._front(scope, receive, send)


def create_app(settings: Settings, *, clock: Clock = system_clock) -> FastAPI:
    """The whole service, ready to be served. The database is opened when the server starts it.

    Raises:
        StartupError: a setting makes no sense.
    """
    app = Service(**openapi.description(), lifespan=_parts)
    app.state.settings = settings
    app.state.clock = clock
    app.state.metrics = Metrics()
    app.state.tokens = tokens_of(settings)
    app.state.limits = Limits(
        watch_time=settings.watch_time_rate,
        calls=settings.read_rate,
        service=settings.service_rate,
        events=settings.events_rate,
        storage_uri=settings.rate_limit_storage,
    )
    app.state.concurrency = ConcurrencyLimiter()
    app.state.large_bodies = ConcurrencyLimiter(max_active=1)
    app.state.deadlines = Deadlines()
    problems.install(app)
    for feature in FEATURES:
        app.include_router(feature.router)
    pages.install(app)
    openapi.install(app, client_frames=CLIENT_FRAMES, server_frames=SERVER_FRAMES)
    app.put_in_front(settings)
    return app


def tokens_of(settings: Settings) -> Tokens:
    """The token checker that *settings* describe.

    Raises:
        StartupError: a weak or missing key.
    """
    keys = Keys(
        algorithms=settings.jwt_algorithms,
        secret=settings.jwt_secret.get_secret_value() if settings.jwt_secret else None,
        public_key=settings.jwt_public_key,
        jwks_url=settings.jwt_jwks_url,
    )
    return Tokens(
        keys,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        max_age_seconds=settings.jwt_max_age,
    )


def create_served_app() -> FastAPI:
    """What each worker of `progress-service serve` runs: settings come from the environment."""
    settings = read_settings()
    configure_logging(settings.log_format or "json")
    app = create_app(settings)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # A hundred thousand objects that stay: looking through them held all up for 60 ms.
    return app


@asynccontextmanager
async def _parts(app: FastAPI) -> AsyncIterator[None]:
    """Open what needs an end; what is opened last is closed first."""
    settings: Settings = app.state.settings
    if settings.mongodb_uri is None:
        raise StartupError("PROGRESS_MONGODB_URI is not set; name a replica set, or use `dev`.")
    uri = settings.mongodb_uri.get_secret_value()
    async with (
        open_database(uri, settings.mongodb_database) as database,
        open_database(uri, settings.mongodb_database) as for_probes,
    ):
        await schema.require(database)
        store = ProgressStore(database)
        catalog = CatalogService(
            CatalogStore(database),
            clock=app.state.clock,
            complete_at_percent=settings.complete_at_percent,
        )
        courses = CoursesService(
            CoursesStore(database), catalog, complete_at_percent=settings.complete_at_percent
        )
        hub = Hub(app.state.metrics)
        follow = partial(ChangeStream, uri, settings.mongodb_database)
        async with (
            _grouped(store.save_many, app.state.metrics, "write") as commits,
            _grouped(store.read_each, app.state.metrics, "read") as reads,
            Feed(follow, hub, catalog, on_enrollment_changed=courses.enrollment_changed) as feed,
        ):
            _plug_together(app, database, store, catalog, courses, commits=commits, reads=reads)
            app.state.live = LiveParts(
                tokens=app.state.tokens,
                limits=app.state.limits,
                concurrency=app.state.concurrency,
                hub=hub,
                feed=feed,
                changes=ChangesService(store, catalog),
            )
            app.state.is_ready = partial(answers, for_probes)
            yield


def _grouped(trip: Trip[Item, Answer], metrics: Metrics, kind: str) -> Grouped[Item, Answer]:
    sizes, refused = metrics.group_sizes.labels(kind), metrics.group_refused.labels(kind)
    return Grouped(trip, sizes=sizes, refused=refused)


def _plug_together(
    app: FastAPI,
    database: Database,
    store: ProgressStore,
    catalog: CatalogService,
    courses: CoursesService,
    *,
    commits: Grouped[Change, None],
    reads: Grouped[Key, Progress],
) -> None:
    clock: Clock = app.state.clock
    threshold: float = app.state.settings.complete_at_percent
    progress = ProgressService(
        store,
        commits,
        reads,
        catalog,
        complete_at_percent=threshold,
        clock=clock,
        on_completion_changed=courses.completion_changed,
    )
    app.state.catalog = catalog
    app.state.courses = courses
    app.state.progress = progress
    app.state.offline = OfflineService(progress, catalog)
    app.state.resume = ResumeService(
        store, DismissedStore(database), catalog, complete_at_percent=threshold, clock=clock
    )
