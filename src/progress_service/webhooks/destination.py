"""A webhook as a destination of the outbox: what each response means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from progress_service.clock import Clock
from progress_service.domain.outbox_events import OutboxEvent
from progress_service.domain.webhooks import Webhook
from progress_service.observability.logging import get_logger
from progress_service.outbox.destinations import Attempt, Delivery
from progress_service.webhooks.addresses import Target, parse_url
from progress_service.webhooks.bodies import body_of
from progress_service.webhooks.secrets import SecretBox, signatures
from progress_service.webhooks.sender import MAX_CONCURRENT, Response, SendError, WebhookSender

MINUTE, HOUR = 60.0, 3_600.0
RETRY_SECONDS = (5.0, 30.0, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 24 * HOUR)
MAX_RETRY_AFTER_SECONDS = 24 * HOUR
GONE = "the receiver returned 410 Gone"
_PUT_AGAIN = "PUT the webhook with is_active true to use it again"
_REDIRECTS = "redirects are not followed; register the address that the redirect leads to"

log = get_logger("webhooks")
Disable = Callable[[Webhook, str], Awaitable[None]]
"""Makes a webhook inactive, for a reason."""


def destination_name(webhook_id: str) -> str:
    """The name under which the outbox stores deliveries."""
    return f"webhook:{webhook_id}"


class WebhookDestination:
    """Sends events to one webhook, one request each."""

    retry_seconds: Sequence[float] = RETRY_SECONDS
    retries_forever = False
    max_batch = 1
    max_concurrent = MAX_CONCURRENT

    def __init__(
        self,
        webhook: Webhook,
        sender: WebhookSender,
        box: SecretBox,
        *,
        clock: Clock,
        disable: Disable,
    ) -> None:
        self.name = destination_name(webhook.webhook_id)
        self.types = frozenset(webhook.events)
        self._webhook = webhook
        self._sender = sender
        self._box = box
        self._clock = clock
        self._disable = disable

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Attempt]:
        """Send each event, one after the other."""
        return [await self._deliver(delivery.event) for delivery in deliveries]

    async def _deliver(self, event: OutboxEvent) -> Attempt:
        now = self._clock.now()
        secrets_in_use = self._secrets(now)
        if not secrets_in_use:
            return Attempt(
                "retry",
                detail="the secret cannot be decrypted; restore PROGRESS_WEBHOOKS_ENCRYPTION_KEY, "
                "or rotate the secret",
            )
        body = body_of(event)
        headers = signatures(body, event_id=event.event_id, secrets_in_use=secrets_in_use, now=now)
        try:
            target = parse_url(self._webhook.url)
        except ValueError as error:
            return Attempt("retry", detail=f"the stored url {error}")
        try:
            response = await self._sender.post(target, body, headers)
        except SendError as error:
            log.info("webhook_not_delivered", host=target.host, reason=str(error))
            return Attempt("retry", detail=str(error))
        return await self._attempt(target, response, now)

    def _secrets(self, now: datetime) -> list[str]:
        opened = (self._box.open(one.sealed) for one in self._webhook.valid_secrets(now=now))
        return [secret for secret in opened if secret is not None]

    async def _attempt(self, target: Target, response: Response, now: datetime) -> Attempt:
        status = response.status
        if 200 <= status < 300:
            return Attempt("delivered", status)
        log.info("webhook_not_delivered", host=target.host, status=status)
        if status == HTTPStatus.GONE:
            await self._disable(self._webhook, f"{GONE}; {_PUT_AGAIN}")
            return Attempt("failed", status, f"{GONE}; the webhook is no longer active")
        detail = _REDIRECTS if 300 <= status < 400 else f"the receiver returned {status}"
        return Attempt("retry", status, detail, retry_after_seconds=_wait_of(response, now))


def _wait_of(response: Response, now: datetime) -> float | None:
    """What ``Retry-After`` asks for, in seconds, within bounds; for 429 and 503 only.

    The next attempt is made no sooner than that, and no sooner than the schedule says: otherwise
    a receiver that is down and asks for one second would use up all attempts in no time.
    """
    text = (response.retry_after or "").strip()
    if response.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        seconds = (aware - now).total_seconds()
    return min(seconds, MAX_RETRY_AFTER_SECONDS) if seconds > 0 else None
