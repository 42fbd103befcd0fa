"""create_app(settings): the composition root."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from progress_service import web_app
from progress_service.analytics import routes as analytics_routes
from progress_service.analytics.releases import Releases
from progress_service.analytics.stale_videos import StaleVideos
from progress_service.catalog import routes as catalog_routes
from progress_service.catalog.enrollment_activity import EnrollmentActivity
from progress_service.changes.feed import ChangeFeed
from progress_service.clock import Clock, Now
from progress_service.courses import routes as courses_routes
from progress_service.edge import health, openapi, problems
from progress_service.edge.concurrency import ConcurrencyLimiter, LargeBodyLimiter
from progress_service.edge.configured import limiter_for, verifier_for
from progress_service.edge.deadlines import Deadlines
from progress_service.edge.direct_route import DirectRouter
from progress_service.edge.health import Readiness
from progress_service.edge.middleware import RequestMiddleware
from progress_service.edge.root_path import RootPathMiddleware
from progress_service.edge.route_templates import RouteTemplates
from progress_service.edge.services import provide, service_in
from progress_service.erasing import require_erasures
from progress_service.errors import StartupError
from progress_service.gradebook import routes as gradebook_routes
from progress_service.imports import routes as imports_routes
from progress_service.imports.limiter import ImportLimiter
from progress_service.live import routes as live_routes
from progress_service.live.frames import CLIENT_FRAMES, SERVER_FRAMES
from progress_service.live.hub import Hub
from progress_service.live.sockets import PATHS as SOCKET_PATHS
from progress_service.live.sockets import LiveSocketsMiddleware
from progress_service.mongo import schema
from progress_service.mongo.batcher import Batcher, Item, Result, RunBatch
from progress_service.mongo.client import open_database, responds
from progress_service.observability.logging import configure_logging
from progress_service.observability.metrics import Metrics
from progress_service.observability.tracing import telemetry
from progress_service.offline import routes as offline_routes
from progress_service.outbox.worker import OutboxWorker
from progress_service.privacy import erasure_routes
from progress_service.privacy import routes as privacy_routes
from progress_service.privacy.erasure_worker import ErasureWorker
from progress_service.privacy.retention_worker import RetentionWorker
from progress_service.privacy.schemas import LINE_MODELS as EXPORT_LINES
from progress_service.progress import routes as progress_routes
from progress_service.progress.store import ProgressStore
from progress_service.resume import routes as resume_routes
from progress_service.services import build_services
from progress_service.settings import Settings, read_settings
from progress_service.standalone import note_activity
from progress_service.webhooks import events as webhook_events
from progress_service.webhooks import routes as webhooks_routes
from progress_service.webhooks.sender import WebhookSender
from progress_service.xapi import routes as xapi_routes
from progress_service.xapi.forwarding import XapiForwarding

ROUTERS = (
    progress_routes.router,
    courses_routes.direct,
    courses_routes.router,
    resume_routes.router,
    live_routes.router,
    offline_routes.router,
    imports_routes.router,
    catalog_routes.direct,
    catalog_routes.router,
    analytics_routes.router,
    webhooks_routes.direct,
    webhooks_routes.router,
    xapi_routes.router,
    gradebook_routes.router,
    erasure_routes.router,
    privacy_routes.direct,
    privacy_routes.router,
    health.router,
)

# How long a driver thread with a response waits for the busy event loop to release the GIL. The
# default of 5 ms, several times per batch, was a third of the duration of a batch.
GIL_SWITCH_SECONDS = 0.0005


def create_app(settings: Settings, *, now: Now | None = None) -> FastAPI:
    """The whole service as an ASGI app, which opens the database when it is started.

    Raises:
        StartupError: a setting is invalid.
    """
    app = FastAPI(
        **openapi.description(root_path=settings.root_path),
        lifespan=lifespan,
        webhooks=webhook_events.router,
        telemetry=telemetry(),
        strict_content_type=False,  # many clients send JSON as text/plain, or without a type
    )
    provide(
        app,
        settings,
        Clock(now),
        Metrics(),
        Deadlines(),
        ConcurrencyLimiter(),
        LargeBodyLimiter(),
        ImportLimiter(),
        verifier_for(settings),
        limiter_for(settings),
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    web_app.install(app, root_path=settings.root_path)
    openapi.install(
        app,
        client_frames=CLIENT_FRAMES,
        server_frames=SERVER_FRAMES,
        line_models=[*imports_routes.LINE_MODELS, *EXPORT_LINES],
    )
    add_middleware(app, settings)
    return app


def add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add the middleware that requests pass before they reach a route, innermost first."""
    templates = RouteTemplates(app, [*web_app.TEMPLATES, *openapi.TEMPLATES])
    app.add_middleware(LiveSocketsMiddleware, origins=settings.cors_origins)
    app.add_middleware(DirectRouter, api=app)
    app.add_middleware(
        RequestMiddleware,
        metrics=service_in(app, Metrics),
        deadlines=service_in(app, Deadlines),
        templates=templates,
    )
    if settings.cors_origins:  # outermost, so that pages can read every error
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "PUT", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            # `Date`: a device with a wrong clock corrects its reports by it.
            expose_headers=["Date", "Retry-After", "X-Request-ID"],
        )
    if settings.root_path:
        app.add_middleware(
            RootPathMiddleware,
            root_path=settings.root_path,
            is_known=lambda path: path in SOCKET_PATHS or templates.find(path) is not None,
        )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open resources, and close them in reverse order."""
    settings = service_in(app, Settings)
    if settings.mongodb_uri is None:
        raise StartupError("PROGRESS_MONGODB_URI is not set; name a replica set, or use `dev`.")
    uri, name = settings.mongodb_uri.get_secret_value(), settings.mongodb_database
    async with (
        open_database(uri, name) as database,
        open_database(uri, name) as for_probes,
    ):
        await schema.require(database)
        await require_erasures(settings, database)
        stale_videos, activity = StaleVideos(), EnrollmentActivity(database)
        store = ProgressStore(
            database,
            on_stored=stale_videos.note_changes,
            on_storing=note_activity(activity),
        )
        async with (
            _batcher(store.save_many, app, "write") as writes,
            _batcher(store.read_each, app, "read") as reads,
        ):
            build_services(
                app,
                database,
                store,
                stale_videos=stale_videos,
                activity=activity,
                writes=writes,
                reads=reads,
            )
            async with (
                service_in(app, WebhookSender),
                service_in(app, XapiForwarding),
                service_in(app, OutboxWorker),
                service_in(app, ErasureWorker),
                service_in(app, ChangeFeed) as feed,
                service_in(app, Releases),
                service_in(app, RetentionWorker),
            ):
                feed.supervise(service_in(app, Hub).sweep)
                provide(app, Readiness(partial(responds, for_probes)))
                yield


def _batcher(run_batch: RunBatch[Item, Result], app: FastAPI, kind: str) -> Batcher[Item, Result]:
    metrics = service_in(app, Metrics)
    sizes, rejected = metrics.batch_sizes.labels(kind), metrics.batch_rejected.labels(kind)
    return Batcher(run_batch, sizes=sizes, rejected=rejected)


def create_served_app() -> FastAPI:
    """The app of each worker of `progress-service serve`, with settings from the environment."""
    settings = read_settings()
    configure_logging(settings.log_format or "json")
    app = create_app(settings)
    sys.setswitchinterval(GIL_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # Scanning these 100 000 permanent objects blocked the loop for 60 ms.
    return app
