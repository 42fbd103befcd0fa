"""HTTP routes for webhooks and their deliveries. Services only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import StringConstraints

from progress_service.catalog.ids import Id, WebhookId
from progress_service.clock import Clock
from progress_service.edge.callers import ServiceCaller
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.services import provided
from progress_service.outbox.documents import Status
from progress_service.webhooks.schemas import (
    DeliveryPage,
    RegisteredWebhook,
    ReplayBody,
    ReplayResponse,
    SentTestEvent,
    WebhookBody,
    WebhookPage,
    WebhookResponse,
    to_delivery,
    to_registered,
    to_response,
)
from progress_service.webhooks.service import WebhooksService

MAX_DELIVERIES = 500  # In a page.

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
direct = APIRouter(prefix="/api/webhooks", tags=["webhooks"], route_class=DirectRoute)

Webhooks = Annotated[WebhooksService, Depends(provided(WebhooksService))]
Time = Annotated[Clock, Depends(provided(Clock))]
DeliveryId = Annotated[str, StringConstraints(max_length=512)]


@router.get("", responses=error_responses(), summary="List webhooks")
async def list_webhooks(
    caller: ServiceCaller,  # noqa: ARG001 - admits the call
    webhooks: Webhooks,
    clock: Time,
    limit: Annotated[int, Query(ge=1, le=100, examples=[50])] = 50,
    after: Annotated[Id | None, Query(description="The `next` of the previous page.")] = None,
) -> WebhookPage:
    """All webhooks, whichever service registered them, in the order of their ids."""
    page = await webhooks.page(after=after, limit=limit + 1)
    more = len(page) > limit
    page = page[:limit]
    return WebhookPage(
        webhooks=[to_response(webhook, now=clock.now()) for webhook in page],
        next=page[-1].webhook_id if more else None,
    )


@direct.put("/{webhook_id}", responses=error_responses(409, 413), summary="Put a webhook")
async def put_webhook(
    webhook_id: WebhookId, body: WebhookBody, caller: ServiceCaller, webhooks: Webhooks, clock: Time
) -> RegisteredWebhook:
    """Register a webhook, or change it. The response that registers it is the only one with its
    secret; later calls keep the secret, unless they bring another one, which replaces it as a
    rotation does.

    Events from now on are sent to it. Safe to repeat.
    """
    registered = await webhooks.put(webhook_id, body.to_registration(), caller_id=caller.id)
    return to_registered(registered, now=clock.now())


@router.get("/{webhook_id}", responses=error_responses(404), summary="Get a webhook")
async def get_webhook(
    webhook_id: WebhookId,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
    clock: Time,
) -> WebhookResponse:
    """The webhook without its secret."""
    return to_response(await webhooks.get(webhook_id), now=clock.now())


@router.delete(
    "/{webhook_id}", status_code=204, responses=error_responses(404), summary="Remove a webhook"
)
async def delete_webhook(
    webhook_id: WebhookId,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
) -> Response:
    """Remove the webhook with its deliveries, also those that wait."""
    await webhooks.delete(webhook_id)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/rotate-secret", responses=error_responses(404), summary="Rotate the secret"
)
async def rotate_webhook_secret(
    webhook_id: WebhookId,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
    clock: Time,
) -> RegisteredWebhook:
    """Make a new secret, which only this response contains. For 24 hours, requests are signed with
    the new secret and with the one before.
    """
    return to_registered(await webhooks.rotate_secret(webhook_id), now=clock.now())


@router.get("/{webhook_id}/deliveries", responses=error_responses(404), summary="List deliveries")
async def list_webhook_deliveries(
    webhook_id: WebhookId,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
    status: Annotated[Status | None, Query(description="Only deliveries in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_DELIVERIES, examples=[50])] = 50,
    after: Annotated[
        DeliveryId | None, Query(description="The `next` of the previous page.")
    ] = None,
) -> DeliveryPage:
    """What was sent to the webhook and what waits, newest first, for 30 days."""
    found = await webhooks.deliveries(webhook_id, status=status, after=after, limit=limit + 1)
    page = found[:limit]
    return DeliveryPage(
        deliveries=[to_delivery(record) for record in page],
        next=page[-1].delivery_id if len(found) > limit else None,
    )


@direct.post("/{webhook_id}/replay", responses=error_responses(404, 409, 413), summary="Replay")
async def replay_webhook(
    webhook_id: WebhookId,
    body: ReplayBody,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
) -> ReplayResponse:
    """Send the stored events of the webhook's types again, with the same ids: those stored since
    then, whether they were delivered or not. Events are stored for 30 days.
    """
    return ReplayResponse(replayed=await webhooks.replay(webhook_id, since=body.since))


@router.post("/{webhook_id}/test", responses=error_responses(404, 409), summary="Send a test event")
async def send_webhook_test(
    webhook_id: WebhookId,
    caller: ServiceCaller,  # noqa: ARG001
    webhooks: Webhooks,
) -> SentTestEvent:
    """Send an event of the type `webhook.test` in the same way, to this webhook only."""
    event_id, delivery_id = await webhooks.send_test(webhook_id)
    return SentTestEvent(event_id=event_id, delivery_id=delivery_id)
