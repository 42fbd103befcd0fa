"""Documents of ``webhooks`` ↔ webhooks, whatever another program has written there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from progress_service.domain.outbox_events import NEVER
from progress_service.domain.webhooks import SigningSecret, Webhook
from progress_service.mongo.client import in_utc

Document = dict[str, Any]


class UnreadableWebhookError(Exception):
    """The document is not a webhook."""


def to_document(webhook: Webhook) -> Document:
    """The document of *webhook*."""
    return {
        "_id": webhook.webhook_id,
        "url": webhook.url,
        "events": list(webhook.events),
        "is_active": webhook.is_active,
        "disabled_reason": webhook.disabled_reason,
        "secrets": [
            {"sealed": one.sealed, "valid_until": one.valid_until} for one in webhook.secrets
        ],
        "created_by": webhook.created_by,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
        "revision": webhook.revision,
    }


def to_webhook(document: Mapping[str, Any]) -> Webhook:
    """The webhook in *document*.

    Raises:
        UnreadableWebhookError: it lacks what a delivery needs.
    """
    url, events, revision = (document.get(name) for name in ("url", "events", "revision"))
    if not (isinstance(document["_id"], str) and isinstance(url, str) and isinstance(events, list)):
        raise UnreadableWebhookError
    if type(revision) is not int:
        raise UnreadableWebhookError
    created_at = _moment(document.get("created_at")) or NEVER
    return Webhook(
        webhook_id=document["_id"],
        url=url,
        events=tuple(event for event in events if isinstance(event, str)),
        is_active=document.get("is_active") is True,
        disabled_reason=_text(document.get("disabled_reason")),
        secrets=_secrets(document.get("secrets")),
        created_by=_text(document.get("created_by")) or "",
        created_at=created_at,
        updated_at=_moment(document.get("updated_at")) or created_at,
        revision=revision,
    )


def _secrets(stored: object) -> tuple[SigningSecret, ...]:
    found = stored if isinstance(stored, list) else []
    return tuple(
        SigningSecret(one["sealed"], _moment(one.get("valid_until")))
        for one in found
        if isinstance(one, Mapping) and isinstance(one.get("sealed"), str)
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    return in_utc(value) if isinstance(value, datetime) else None
