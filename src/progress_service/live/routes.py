"""The same states over plain HTTP, for who cannot hold a socket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from progress_service.domain.cursor import MAX_CHARACTERS
from progress_service.edge.problems import answers
from progress_service.edge.rate_limit import LimitedStudent, Limits, limits_of
from progress_service.live.frames import Changes, ProgressFrame
from progress_service.live.service import ChangesService
from progress_service.pacing import paced

router = APIRouter(prefix="/api/progress", tags=["live"])


def _service(request: Request) -> ChangesService:
    service: ChangesService = request.app.state.live.changes
    return service


@router.get(
    "/changes",
    response_model=Changes,
    responses=answers(),
    summary="Get what changed since a cursor",
)
async def get_changes(
    student: LimitedStudent,
    service: Annotated[ChangesService, Depends(_service)],
    limits: Annotated[Limits, Depends(limits_of)],
    since: Annotated[
        str | None,
        Query(max_length=MAX_CHARACTERS, description="The `cursor` of an earlier answer or frame."),
    ] = None,
) -> Response:
    """States, not deltas: a missed or doubled one does no harm. Without `since`: everything.

    The frames of `WS /progress` stand in `docs/live.md` and, as schemas, in this document.
    """
    records, cursor = await service.since(student.id, since)
    limits.records(student, len(records))
    # One by one, as `Changes` has them: a large history at once would hold up all others.
    frames = [ProgressFrame.of(record).text() async for record in paced(records)]
    body = f'{{"cursor":"{cursor.encode()}","changes":[{",".join(frames)}]}}'
    return Response(body, media_type="application/json")
