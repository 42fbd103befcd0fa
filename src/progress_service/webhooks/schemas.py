"""Wire shapes of webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from progress_service.catalog.schemas import Strict
from progress_service.domain.webhooks import Webhook
from progress_service.outbox.documents import DeliveryRecord, Status
from progress_service.progress.schemas import Moment
from progress_service.webhooks.addresses import MAX_URL_CHARACTERS
from progress_service.webhooks.secrets import valid_secret
from progress_service.webhooks.service import Registered, Registration

EventType = Literal["video.completed", "course.completed", "progress.erased"]
Secret = Annotated[
    str, AfterValidator(valid_secret), Field(json_schema_extra={"pattern": "^whsec_"})
]


class WebhookBody(Strict):
    """A receiver of events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://receiver.example/hooks/progress",
                    "events": ["video.completed", "course.completed"],
                    "is_active": True,
                }
            ]
        }
    )

    url: Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL_CHARACTERS)] = Field(
        description="An https:// address outside of private networks, without user and fragment. "
        "Redirects are not followed."
    )
    events: Annotated[list[EventType], Field(min_length=1, max_length=20)] = Field(
        description="The types of the events to send."
    )
    secret: Secret | None = Field(
        None,
        description="A secret of your own: `whsec_` and 24 to 64 bytes in base64. Without it, a "
        "new webhook gets a random one, and an existing one keeps its secret.",
    )
    is_active: bool = Field(
        True, description="An inactive webhook gets no events; those that wait are sent later."
    )

    def to_registration(self) -> Registration:
        """The domain value; each event once."""
        return Registration(
            url=self.url,
            events=tuple(dict.fromkeys(self.events)),
            is_active=self.is_active,
            secret=self.secret,
        )


class WebhookResponse(BaseModel):
    """A webhook as stored. Its secret is not shown again."""

    webhook_id: str = Field(examples=["certificates"])
    url: str = Field(examples=["https://receiver.example/hooks/progress"])
    events: list[str] = Field(examples=[["video.completed", "course.completed"]])
    is_active: bool
    disabled_reason: str | None = Field(
        description="Why the service made it inactive, as after a 410; else null."
    )
    created_by: str = Field(
        description="The `sub` of the service that registered it.", examples=["certificates"]
    )
    created_at: datetime
    updated_at: datetime
    previous_secret_valid_until: datetime | None = Field(
        description="Until then, requests are also signed with the secret before; null if with "
        "the current one only."
    )


class RegisteredWebhook(WebhookResponse):
    """A webhook, with its secret if the service has made it in this call."""

    secret: str | None = Field(
        description="Shown here only, so store it. Null if the secret did not change, or is yours.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
    )


class WebhookPage(BaseModel):
    """A page of webhooks, in the order of their ids."""

    webhooks: list[WebhookResponse]
    next: str | None = Field(description="The `after` of the next page; null at the end.")


class DeliveryResponse(BaseModel):
    """An event on its way to the webhook."""

    delivery_id: str
    event_id: str = Field(
        description="The `webhook-id` of its requests.",
        examples=["video_completed_0f7b6a3d9c2e4f518a6b7c8d9e0f1a2b"],
    )
    type: str = Field(examples=["video.completed"])
    status: Status = Field(
        description="`failed`: all attempts were used up; replay sends the event again."
    )
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None = Field(
        description="The status of the last response; null if there was none.", examples=[200]
    )
    last_detail: str | None = Field(description="What went wrong in the last attempt.")


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryResponse]
    next: str | None = Field(description="The `after` of the next page; null at the end.")


class ReplayBody(Strict):
    """From when on events are sent again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-11-22T00:00:00Z"}]})

    since: Moment = Field(description="When an event was stored, with an offset.")


class ReplayResponse(BaseModel):
    """How many events are sent again."""

    replayed: int


class SentTestEvent(BaseModel):
    """The test event on its way."""

    event_id: str
    delivery_id: str


def to_response(webhook: Webhook, *, now: datetime) -> WebhookResponse:
    """The wire shape."""
    return WebhookResponse(**_fields_of(webhook, now))


def to_registered(registered: Registered, *, now: datetime) -> RegisteredWebhook:
    """The wire shape, with a secret that was made just now."""
    return RegisteredWebhook(**_fields_of(registered.webhook, now), secret=registered.new_secret)


def _fields_of(webhook: Webhook, now: datetime) -> dict[str, object]:
    names = WebhookResponse.model_fields.keys() - {"previous_secret_valid_until"}
    fields = {name: getattr(webhook, name) for name in names}
    return {
        **fields,
        "events": list(webhook.events),
        "previous_secret_valid_until": webhook.previous_valid_until(now=now),
    }


def to_delivery(record: DeliveryRecord) -> DeliveryResponse:
    """The wire shape."""
    return DeliveryResponse.model_validate(record, from_attributes=True)
