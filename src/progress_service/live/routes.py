"""HTTP route for the same states, for clients without a socket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from progress_service.domain.cursor import MAX_CHARACTERS
from progress_service.edge.callers import Student
from progress_service.edge.error_responses import error_responses
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provided
from progress_service.live.frames import Changes, ProgressFrame
from progress_service.live.service import ChangesService
from progress_service.pacing import paced

router = APIRouter(prefix="/api/progress", tags=["live"])


@router.get(
    "/changes",
    response_model=Changes,
    responses=error_responses(),
    summary="Get what changed since a cursor",
)
async def get_changes(
    student: Student,
    service: Annotated[ChangesService, Depends(provided(ChangesService))],
    limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
    since: Annotated[
        str | None,
        Query(max_length=MAX_CHARACTERS, description="The `cursor` of a response or frame."),
    ] = None,
) -> Response:
    """States, not deltas, so a missed or repeated one is harmless. Without `since`, everything.

    `docs/live.md` describes the frames of `WS /progress`; their schemas are in this document.
    """
    records, cursor = await service.since(student.id, since)
    limiter.records(student, len(records))
    # One by one, in the form of `Changes`: a large history at once would block other requests.
    frames = [ProgressFrame.of(record).text() async for record in paced(records)]
    body = f'{{"cursor":"{cursor.encode()}","changes":[{",".join(frames)}]}}'
    return Response(body, media_type="application/json")
