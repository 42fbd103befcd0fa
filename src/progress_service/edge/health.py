"""Liveness, readiness and metrics: for operators, without a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, Response

from progress_service.edge.error_responses import public_error_responses
from progress_service.edge.services import service_in
from progress_service.errors import Unavailable
from progress_service.observability.metrics import Metrics

router = APIRouter(tags=["health"])


class Readiness:
    """Whether the service can do its work; ``False`` until the database is open."""

    def __init__(self, check: Callable[[], Awaitable[bool]]) -> None:
        self.is_ready = check


IS_DRAINING = "progress_service.is_draining"
"""Where the state of the server says that it stops soon."""


class Health(BaseModel):
    """All is well."""

    status: str = Field(examples=["ok"])


@router.get(
    "/healthz",
    summary="Liveness",
    openapi_extra={"security": []},
    responses=public_error_responses(500),
)
async def get_health() -> Health:
    """Checks nothing: a failing database must not make a scheduler restart the service."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Readiness",
    openapi_extra={"security": []},
    responses=public_error_responses(500, 503),
)
async def get_readiness(request: Request) -> Health:
    """200 if the database responds within a second, and the service is not about to stop."""
    if request.scope.get("state", {}).get(IS_DRAINING):
        raise Unavailable("The service stops; send requests elsewhere.")
    if not await service_in(request.app, Readiness).is_ready():
        raise Unavailable("The database does not respond.")
    return Health(status="ready")


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    openapi_extra={"security": []},
    response_class=PlainTextResponse,
    responses={
        200: {"content": {"text/plain": {"example": "progress_sockets 3.0\n"}}},
        **public_error_responses(500),
    },
)
async def get_metrics(request: Request) -> Response:
    """The text format of Prometheus."""
    # In a thread: it reads the files of all workers.
    text = await asyncio.to_thread(service_in(request.app, Metrics).exposition)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
