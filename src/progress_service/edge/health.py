"""Is the process alive, do its parts answer, how is it doing: for operators, without a token."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, Response

from progress_service.edge.problems import only_answers
from progress_service.errors import Unavailable
from progress_service.observability import Metrics

router = APIRouter(tags=["health"])

IS_DRAINING = "progress_service.is_draining"
"""Where the state of the server says that it stops soon."""


class Health(BaseModel):
    """All is well."""

    status: str = Field(examples=["ok"])


@router.get("/healthz", summary="The process lives", openapi_extra={"security": []})
async def get_health() -> Health:
    """Asks nobody: a failing database must not make a scheduler restart the service."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="The parts answer",
    openapi_extra={"security": []},
    responses=only_answers(503),
)
async def get_readiness(request: Request) -> Health:
    """200 when the database answers within a second, and the service is not about to stop."""
    if request.scope.get("state", {}).get(IS_DRAINING):
        raise Unavailable("The service stops; send requests elsewhere.")
    if not await request.app.state.is_ready():
        raise Unavailable("The database does not answer.")
    return Health(status="ready")


@router.get(
    "/metrics",
    summary="Measures for Prometheus",
    openapi_extra={"security": []},
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": "progress_sockets 3.0\n"}}}},
)
async def get_metrics(request: Request) -> Response:
    """The text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
