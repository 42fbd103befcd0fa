"""HTTP routes for the xAPI export."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Response

from progress_service.catalog.ids import StudentId
from progress_service.edge.callers import ServiceCaller, Student
from progress_service.edge.error_responses import error_responses
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provided
from progress_service.edge.token_verifier import Principal
from progress_service.settings import Settings
from progress_service.xapi.cursor import Place
from progress_service.xapi.schemas import StatementsResponse
from progress_service.xapi.service import StatementPage, XapiService

PREFIX = "/api/progress"
router = APIRouter(prefix=PREFIX, tags=["xapi"])

LISTED = 100
MAX_LISTED = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LISTED, examples=[LISTED])]
After = Annotated[str | None, Query(description="The `next` of the previous page.")]


class StatementPages:
    """Reads pages for a caller, counts them, and writes them as JSON."""

    def __init__(
        self,
        service: Annotated[XapiService, Depends(provided(XapiService))],
        limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
        settings: Annotated[Settings, Depends(provided(Settings))],
    ) -> None:
        self._service = service
        self._limiter = limiter
        self._root_path = settings.root_path

    async def respond(
        self, caller: Principal, student_id: str, *, path: str, after: str | None, limit: int
    ) -> Response:
        """The page after the cursor *after*; *path* is that of the route."""
        place = Place.decode(after) if after is not None else None
        page = await self._service.page(student_id, after=place, limit=limit)
        self._limiter.records(caller, page.records_read)
        return Response(self._json(page, path, limit), media_type="application/json")

    def _json(self, page: StatementPage, path: str, limit: int) -> str:
        next_page = page.next.encode() if page.next else None
        more = ""
        if next_page:
            query = urlencode({"limit": limit, "after": next_page})
            more = f"{self._root_path}{PREFIX}{path}?{query}"
        statements = ",".join(statement.body for statement in page.statements)
        return (
            f'{{"statements":[{statements}],"more":{json.dumps(more)},'
            f'"next":{json.dumps(next_page)}}}'
        )


Pages = Annotated[StatementPages, Depends()]


@router.get(
    "/me/xapi",
    response_model=StatementsResponse,
    responses=error_responses(),
    summary="Export my statements",
)
async def list_my_statements(
    student: Student, pages: Pages, limit: Limit = LISTED, after: After = None
) -> Response:
    """The student's completed videos and ended sessions as statements of the xAPI Video Profile.

    These are the statements that the service forwards to a learning record store, with the same
    ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
    although more follow: read on until `next` is null.
    """
    return await pages.respond(student, student.id, path="/me/xapi", after=after, limit=limit)


@router.get(
    "/students/{student_id}/xapi",
    response_model=StatementsResponse,
    responses=error_responses(),
    summary="Export a student's statements",
)
async def list_student_statements(
    student_id: StudentId,
    service: ServiceCaller,
    pages: Pages,
    limit: Limit = LISTED,
    after: After = None,
) -> Response:
    """For services: what the student gets from `listMyStatements`."""
    path = f"/students/{quote(student_id, safe='')}/xapi"
    return await pages.respond(service, student_id, path=path, after=after, limit=limit)
