"""`outbox`: what waits for other systems, who fails, and whether a process delivers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database
from progress_service.outbox.monitoring import DestinationState, OutboxMonitor
from progress_service.settings import Settings
from progress_service.webhooks.destination import destination_name
from progress_service.webhooks.store import WebhooksStore
from progress_service.xapi.destination import XapiDestination

CHECK = "outbox"
RECORD_STORE = XapiDestination.name
WARNING_SECONDS = 600.0  # The third retry of a webhook is over by then.
MAX_PENDING = 10_000  # At 10 deliveries a second, a quarter of an hour.
LEASE_GRACE_SECONDS = 30.0  # Enough for several take-overs by another process.


async def check(database: Database, installation: Installation) -> Sequence[Finding]:
    """The backlog of each destination that exists, and the process that delivers.

    Raises:
        Unavailable: the database does not respond.
    """
    monitor = OutboxMonitor(database)
    active = await _active_destinations(database, installation.settings)
    states = [state for state in await monitor.destinations() if state.name in active]
    unrouted = await monitor.unrouted()
    oldest_seconds = max([unrouted.oldest_seconds, *(state.oldest_seconds for state in states)])
    depth = unrouted.pending + sum(state.pending for state in states)
    has_worker = await monitor.has_worker()
    found = [
        *_of_worker(has_worker, depth, oldest_seconds),
        *(finding for state in states for finding in _of_destination(state)),
    ]
    worker = "a process delivers" if has_worker else "no process delivers now"
    return found or [ok(CHECK, f"{depth} events and deliveries wait; {worker}")]


async def _active_destinations(database: Database, settings: Settings) -> set[str]:
    webhooks = await WebhooksStore(database).active()
    names = {destination_name(webhook.webhook_id) for webhook in webhooks}
    return names | ({RECORD_STORE} if settings.xapi_endpoint else set())


def _of_worker(has_worker: bool, depth: int, oldest_seconds: float) -> Iterator[Finding]:
    if not has_worker and depth and oldest_seconds > LEASE_GRACE_SECONDS:
        yield error(
            CHECK,
            f"{depth} events and deliveries wait, for up to {_duration(oldest_seconds)}, and no "
            "process delivers",
            "start `progress-service serve`; if it runs, look for outbox_lease_lost and "
            "database_failed in its log.",
        )


def _of_destination(state: DestinationState) -> Iterator[Finding]:
    waiting = f"{state.pending} deliveries to {state.name} wait, for up to "
    waiting += _duration(state.oldest_seconds)
    if state.failing:
        last = f"status {state.last_status}" if state.last_status else "no response"
        yield warning(
            CHECK,
            f"{waiting}; the last attempt failed ({last})",
            _remedy(state.name),
        )
    elif state.oldest_seconds > WARNING_SECONDS or state.pending > MAX_PENDING:
        yield warning(CHECK, waiting, "check whether the receiver is slow, and see the metrics.")
    if state.failed:
        yield warning(
            CHECK,
            f"{state.failed} deliveries to {state.name} were given up in the last 24 h",
            "repair the receiver, then replay them: POST /api/webhooks/{webhook_id}/replay."
            if state.name != RECORD_STORE
            else "see xapi_statement_rejected in the log.",
        )


def _remedy(name: str) -> str:
    if name == RECORD_STORE:
        return "check the record store, and XAPI_ENDPOINT, XAPI_KEY and XAPI_SECRET."
    webhook_id = name.partition(":")[2]
    return (
        f"GET /api/webhooks/{webhook_id}/deliveries?status=pending says what the receiver returned."
    )


def _duration(seconds: float) -> str:
    return f"{seconds / 3_600:.1f} h" if seconds >= 3_600 else f"{seconds / 60:.0f} min"
