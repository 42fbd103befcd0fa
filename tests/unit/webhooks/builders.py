"""Builders for tests of webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from progress_service.domain.outbox_events import OutboxEvent, video_completed
from progress_service.domain.webhooks import SigningSecret, Webhook
from progress_service.outbox.destinations import Delivery
from tests.builders import NOON

SECRET = "whsec_" + "c2VjcmV0" * 6


def a_webhook(*, secret: str = SECRET, **given: Any) -> Webhook:
    """An active webhook for completed videos."""
    defaults = Webhook(
        webhook_id="certificates",
        url="https://receiver.example/hooks",
        events=("video.completed",),
        is_active=True,
        secrets=(SigningSecret(secret),),
        created_by="importer",
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(defaults, **given)


def an_event(student_id: str = "ana", *, completed_at: datetime = NOON) -> OutboxEvent:
    """That student has completed a video."""
    return video_completed(
        student_id, "react", "intro", completed_at=completed_at, unmarked_at=None
    )


def a_delivery(event: OutboxEvent | None = None, *, attempts: int = 0) -> Delivery:
    """That event on its way."""
    return Delivery("delivery-1", event or an_event(), attempts)
