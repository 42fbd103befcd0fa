"""The destination ``xapi`` of the outbox: forwards completions and ended sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from progress_service.domain.outbox_events import SESSION_ENDED, VIDEO_COMPLETED
from progress_service.observability.logging import get_logger
from progress_service.outbox.destinations import Attempt, Delivery
from progress_service.xapi.record_store import RecordStore, Response
from progress_service.xapi.service import XapiService
from progress_service.xapi.statements import Statement

MAX_BATCH = 50
DELIVER_SECONDS = 60.0
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
MAX_FAILURES_IN_ROW = 3  # Of single statements; then the store itself has failed.
# An event is stored before the change that it announces, so the change may be missing for a moment.
MISSING_ATTEMPTS = 5
MISSING_SECONDS = 2.0
log = get_logger("xapi")

_OUT_OF_TIME = Attempt("retry", detail="not sent in time")
_MISSING = Attempt(
    "retry",
    detail="the record has no such completion or session",
    retry_after_seconds=MISSING_SECONDS,
)


class XapiDestination:
    """Sends statements in batches; what the store does not take yet is sent again, forever."""

    name = "xapi"
    types = frozenset({VIDEO_COMPLETED, SESSION_ENDED})
    retry_seconds = RETRY_SECONDS
    retries_forever = True
    max_batch = MAX_BATCH
    max_concurrent = 2

    def __init__(self, service: XapiService, store: RecordStore) -> None:
        self._service = service
        self._store = store

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Attempt]:
        """Send the statement of each delivery; one outcome for each, in order.

        Raises:
            Unavailable: the database does not respond.
        """
        statements = await self._service.to_send([delivery.event for delivery in deliveries])
        unique = {statement.statement_id: statement for statement in statements.values()}
        outcomes: dict[str, Attempt] = {}
        with suppress(TimeoutError):  # What was not sent is sent later.
            async with asyncio.timeout(DELIVER_SECONDS):
                await self._send(list(unique.values()), outcomes)
        return [
            outcomes.get(statement.statement_id, _OUT_OF_TIME)
            if (statement := statements.get(delivery.event.event_id))
            else _missing(delivery)
            for delivery in deliveries
        ]

    async def _send(self, statements: Sequence[Statement], outcomes: dict[str, Attempt]) -> None:
        """Send all at once; if the store rejects that for the sake of some, each by itself."""
        if not statements:
            return
        response = await self._store.post(statements)
        if response.outcome in ("stored", "unavailable") or len(statements) == 1:
            attempt = _attempt(response)
            outcomes.update({statement.statement_id: attempt for statement in statements})
            return
        failures_in_row = 0
        for number, statement in enumerate(statements):
            response = await self._store.post([statement])
            outcomes[statement.statement_id] = _attempt(response)
            failures_in_row = failures_in_row + 1 if response.outcome == "broken" else 0
            if response.outcome == "unavailable" or failures_in_row == MAX_FAILURES_IN_ROW:
                rest = statements[number + 1 :]
                outcomes.update({each.statement_id: _attempt(response) for each in rest})
                return


def _attempt(response: Response) -> Attempt:
    """The outcome for a statement that was sent alone, or with others of the same outcome."""
    if response.outcome in ("stored", "conflict"):  # An id that is known was sent before.
        return Attempt("delivered", response.status)
    if response.outcome == "invalid":
        log.warning("xapi_statement_rejected", status=response.status)
        return Attempt("failed", response.status, response.detail)
    return Attempt(
        "retry",
        response.status,
        response.detail,
        retry_after_seconds=response.retry_after_seconds,
    )


def _missing(delivery: Delivery) -> Attempt:
    if delivery.attempts < MISSING_ATTEMPTS:
        return _MISSING
    log.warning("xapi_event_without_record", type=delivery.event.type)
    return Attempt("failed", detail=_MISSING.detail)
