"""Builds what erases students, for the service and for the command line."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.enrollment_activity import EnrollmentActivity
from progress_service.courses.totals import EnrollmentTotals
from progress_service.domain.outbox_events import PROGRESS_ERASED
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provide, service_in
from progress_service.edge.token_verifier import TokenVerifier
from progress_service.errors import StartupError
from progress_service.live.hub import Hub
from progress_service.mongo.client import Database
from progress_service.observability.metrics import Metrics
from progress_service.outbox.store import OutboxStore
from progress_service.privacy.erasure import ErasureService
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.privacy.erasure_worker import ErasureWorker
from progress_service.privacy.ledger import Ledger
from progress_service.privacy.memory import Memory
from progress_service.settings import Settings
from progress_service.webhooks.store import WebhooksStore


def build_erasures(settings: Settings, database: Database, outbox: OutboxStore) -> ErasureService:
    """What erases students; also for the command line."""
    webhooks = WebhooksStore(database)

    async def is_notified() -> bool:
        return any(PROGRESS_ERASED in webhook.events for webhook in await webhooks.active())

    return ErasureService(database, outbox, ledger=ledger_of(settings), is_notified=is_notified)


def ledger_of(settings: Settings) -> Ledger | None:
    """The ledger of the settings."""
    return Ledger(settings.erasure_ledger) if settings.erasure_ledger is not None else None


def provide_erasures(
    app: FastAPI,
    database: Database,
    outbox: OutboxStore,
    cache: CatalogCache,
    totals: EnrollmentTotals,
) -> None:
    """Build the service and the worker of erasures, and provide them to *app*."""
    verifier, limiter = service_in(app, TokenVerifier), service_in(app, RateLimiter)
    verifier.may_cache = cache.may_cache = lambda user_id: not database.erased.is_known(user_id)
    memory = Memory(
        forgetting=(
            cache.invalidate_student,
            totals.forget_student,
            service_in(app, EnrollmentActivity).forget_student,
            database.reads.forget_reader,
            verifier.forget_user,
            limiter.forget_user,
        ),
        forgetting_all=(cache.clear, totals.forget_all),
        clear_clients=service_in(app, Hub).clear_clients,
        prune=limiter.prune,
    )
    service = build_erasures(service_in(app, Settings), database, outbox)
    worker = ErasureWorker(
        service, ErasureStore(database), database.erased, memory, service_in(app, Metrics)
    )
    provide(app, service, worker)


async def require_erasures(settings: Settings, database: Database) -> None:
    """Pass when the database has every erasure of the ledger.

    Raises:
        StartupError: it lacks one, as after the restore of a backup; or the ledger is unusable.
        Unavailable: the database does not respond.
    """
    if (ledger := ledger_of(settings)) is None:
        return
    entries = await asyncio.to_thread(ledger.read)
    store = ErasureStore(database)
    missing = await store.missing(entries.erased)
    if missing or (entries.erased and not set(entries.keys) <= set(await store.keys())):
        raise StartupError(
            f"The database lacks {len(missing) or 'the keys'} of the {len(entries.erased)} "
            "erasures in PROGRESS_ERASURE_LEDGER, as after the restore of a backup. Run "
            "`progress-service erase --replay`, then start again."
        )
