"""Registers webhooks, rotates their secrets, and lists, repeats and tests their deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from progress_service.clock import Clock
from progress_service.domain.outbox_events import OutboxEvent
from progress_service.domain.webhooks import SigningSecret, Webhook
from progress_service.errors import Conflict, NotFound, Unavailable
from progress_service.observability.logging import get_logger
from progress_service.outbox.destinations import Destination
from progress_service.outbox.documents import DeliveryRecord, Status
from progress_service.outbox.store import OutboxStore
from progress_service.webhooks.addresses import parse_url
from progress_service.webhooks.destination import WebhookDestination, destination_name
from progress_service.webhooks.guard import UrlGuard
from progress_service.webhooks.secrets import SecretBox, new_secret
from progress_service.webhooks.sender import WebhookSender
from progress_service.webhooks.store import WebhooksStore

TEST_EVENT = "webhook.test"
MAX_ATTEMPTS = 5  # Losing the same race more often does not happen by chance.
log = get_logger("webhooks")


@dataclass(frozen=True, slots=True)
class Registration:
    """What a caller asks for. Without a ``secret``, a new webhook gets a random one."""

    url: str
    events: tuple[str, ...]
    is_active: bool
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A stored webhook, and the secret if it was made just now."""

    webhook: Webhook
    new_secret: str | None = None


class WebhooksService:
    """Decisions about webhooks. Any service may manage all of them."""

    def __init__(
        self,
        store: WebhooksStore,
        outbox: OutboxStore,
        guard: UrlGuard,
        sender: WebhookSender,
        box: SecretBox,
        *,
        clock: Clock,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._guard = guard
        self._sender = sender
        self._box = box
        self._clock = clock

    # -- registration --------------------------------------------------------------------------

    async def put(self, webhook_id: str, wanted: Registration, *, caller_id: str) -> Registered:
        """Register a webhook, or change its url, events and activity. Its secret stays.

        Raises:
            Invalid: the url is malformed, or not permitted.
            Conflict: there are too many webhooks.
        """
        await self._guard.check(wanted.url)
        for _ in range(MAX_ATTEMPTS):
            held = await self._store.find(webhook_id)
            if held is None:
                registered = self._new(webhook_id, wanted, caller_id)
                if await self._store.insert(registered.webhook):
                    return registered
            else:
                changed = self._changed(held, wanted)
                if await self._store.replace(changed):
                    return Registered(changed)
        raise _others_are_faster()

    def _new(self, webhook_id: str, wanted: Registration, caller_id: str) -> Registered:
        now = self._now()
        secret = wanted.secret or new_secret()
        webhook = Webhook(
            webhook_id=webhook_id,
            url=wanted.url,
            events=wanted.events,
            is_active=wanted.is_active,
            secrets=(SigningSecret(self._box.seal(secret)),),
            created_by=caller_id,
            created_at=now,
            updated_at=now,
        )
        return Registered(webhook, None if wanted.secret else secret)

    def _changed(self, held: Webhook, wanted: Registration) -> Webhook:
        now = self._now()
        if wanted.secret is not None and wanted.secret != self._current_secret(held):
            held = held.with_secret(self._box.seal(wanted.secret), now=now)
        return replace(
            held,
            url=wanted.url,
            events=wanted.events,
            is_active=wanted.is_active,
            disabled_reason=None,
            updated_at=now,
        )

    def _current_secret(self, webhook: Webhook) -> str | None:
        return self._box.open(webhook.secrets[0].sealed) if webhook.secrets else None

    async def get(self, webhook_id: str) -> Webhook:
        """The webhook with that id.

        Raises:
            NotFound: there is none.
        """
        if (found := await self._store.find(webhook_id)) is None:
            raise NotFound("webhook", webhook_id)
        return found

    async def page(self, *, after: str | None, limit: int) -> list[Webhook]:
        """Webhooks in the order of their ids, after the id *after*."""
        return await self._store.page(after=after, limit=limit)

    async def delete(self, webhook_id: str) -> None:
        """Remove the webhook and its deliveries.

        Raises:
            NotFound: there is none. Deliveries that an earlier, interrupted call left are removed.
        """
        is_deleted = await self._store.delete(webhook_id)
        await self._outbox.remove_destination(destination_name(webhook_id))
        if not is_deleted:
            raise NotFound("webhook", webhook_id)

    async def rotate_secret(self, webhook_id: str) -> Registered:
        """Sign with a new secret; the one before stays valid for a while.

        Raises:
            NotFound: there is no such webhook.
        """
        secret = new_secret()
        sealed = self._box.seal(secret)

        def rotated(webhook: Webhook) -> Webhook:
            return webhook.with_secret(sealed, now=self._now())

        return Registered(await self._change(webhook_id, rotated), secret)

    async def _change(self, webhook_id: str, change: Callable[[Webhook], Webhook]) -> Webhook:
        for _ in range(MAX_ATTEMPTS):
            changed = change(await self.get(webhook_id))
            if await self._store.replace(changed):
                return changed
        raise _others_are_faster()

    # -- deliveries ----------------------------------------------------------------------------

    async def deliveries(
        self, webhook_id: str, *, status: Status | None, after: str | None, limit: int
    ) -> list[DeliveryRecord]:
        """The deliveries to the webhook, newest first.

        Raises:
            NotFound: there is no such webhook.
        """
        webhook = await self.get(webhook_id)
        name = destination_name(webhook.webhook_id)
        return await self._outbox.deliveries(name, status=status, after=after, limit=limit)

    async def replay(self, webhook_id: str, *, since: datetime) -> int:
        """Deliver the events since then once more; return their number.

        Raises:
            NotFound, Conflict: there is no such webhook, or it is not active.
        """
        webhook = await self._active(webhook_id)
        name = destination_name(webhook.webhook_id)
        return await self._outbox.replay(name, webhook.events, since=since)

    async def send_test(self, webhook_id: str) -> tuple[str, str]:
        """Deliver a test event to this webhook only; return the ids of the event and the delivery.

        Raises:
            NotFound, Conflict: there is no such webhook, or it is not active.
        """
        webhook = await self._active(webhook_id)
        event = OutboxEvent(
            event_id=f"webhook_test_{uuid.uuid4().hex}",
            type=TEST_EVENT,
            student_id="",
            occurred_at=self._now(),
            data={"webhook_id": webhook.webhook_id},
        )
        delivery_id = await self._outbox.send(destination_name(webhook.webhook_id), event)
        return event.event_id, delivery_id

    async def _active(self, webhook_id: str) -> Webhook:
        webhook = await self.get(webhook_id)
        if not webhook.is_active:
            raise Conflict(
                f"Webhook {webhook_id!r} is not active. PUT it with is_active true first.",
                code="webhook_inactive",
            )
        return webhook

    # -- for the outbox ------------------------------------------------------------------------

    async def destinations(self) -> Sequence[Destination]:
        """The active webhooks."""
        return [
            WebhookDestination(
                webhook, self._sender, self._box, clock=self._clock, disable=self._disable
            )
            for webhook in await self._store.active()
        ]

    async def _disable(self, webhook: Webhook, reason: str) -> None:
        """Make the webhook inactive, unless it was changed since."""
        now = self._now()
        changed = replace(webhook, is_active=False, disabled_reason=reason, updated_at=now)
        if await self._store.replace(changed):
            log.warning("webhook_disabled", host=parse_url(webhook.url).host)

    def _now(self) -> datetime:
        """The current time in milliseconds, as it is stored."""
        now = self._clock.now()
        return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


def _others_are_faster() -> Unavailable:
    return Unavailable("Others are changing the same webhook. Try again shortly.")
