"""HTTP route for the gradebook of a course."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from progress_service.catalog.ids import CourseId
from progress_service.domain.gradebook import GradebookCursor, PagePosition
from progress_service.edge.callers import Service
from progress_service.edge.csv import CSV, CSV_CONTENT, prefers_csv
from progress_service.edge.error_responses import error_responses
from progress_service.edge.services import provided, service_in
from progress_service.gradebook.page_reading import GradebookPage
from progress_service.gradebook.schemas import CourseStudents, students_csv, students_json
from progress_service.gradebook.service import GradebookService
from progress_service.settings import Settings

router = APIRouter(prefix="/api/progress", tags=["gradebook"])

Gradebook = Annotated[GradebookService, Depends(provided(GradebookService))]

LISTED = 100
MAX_LISTED = 1_000
CURSOR_HEADER = "Progress-Cursor"
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": CSV_CONTENT,
        "headers": {
            "Link": {
                "description": "With CSV: the address of the next page, with `rel=next`.",
                "schema": {"type": "string"},
            },
            CURSOR_HEADER: {
                "description": "With CSV: the `cursor`.",
                "schema": {"type": "string"},
            },
        },
    }
}


@router.get(
    "/course/{course_id}/students",
    response_model=CourseStudents,
    responses={**error_responses(404), **_RESPONSES},
    summary="List the progress of a course's students",
)
async def list_course_students(
    request: Request,
    course_id: CourseId,
    _: Service,
    gradebook: Gradebook,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, examples=[100])] = LISTED,
    after: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
    changed_since: Annotated[
        str | None,
        Query(description="The `cursor` of an earlier list: only what changed since."),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Every enrolled student, also those who have not started, in the order of their ids.

    With `changed_since`, only students whose row may have changed since; a row that has not changed
    may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
    the next page, and `Progress-Cursor` the cursor.
    """
    page = await gradebook.page(
        course_id,
        limit=limit,
        after=PagePosition.decode(after, course_id=course_id) if after is not None else None,
        changed_since=GradebookCursor.decode(changed_since, course_id=course_id)
        if changed_since is not None
        else None,
    )
    if prefers_csv(accept):
        return await _csv(page, limit=limit, root_path=service_in(request.app, Settings).root_path)
    return Response(await students_json(page), media_type="application/json")


async def _csv(page: GradebookPage, *, limit: int, root_path: str) -> Response:
    headers = {"Vary": "Accept", CURSOR_HEADER: page.cursor.encode()}
    if page.next is not None:
        path = f"{root_path}{router.prefix}/course/{page.course_id}/students"
        query = urlencode({"limit": limit, "after": page.next.encode()})
        headers["Link"] = f'<{path}?{query}>; rel="next"'
    return Response(await students_csv(page), media_type=CSV, headers=headers)
