"""HTTP routes for a student's own data: preferences, and the export of everything."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from progress_service.catalog.ids import StudentId
from progress_service.catalog.preferences import PreferencesService
from progress_service.edge.callers import ServiceCaller, Student
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.json_lines import NDJSON, LinesResponse, after_first, lines_of
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provided
from progress_service.edge.token_verifier import Principal
from progress_service.pacing import respond_by
from progress_service.privacy.schemas import (
    EXPORT_EXAMPLE,
    LINE_MODELS,
    PreferencesBody,
    PreferencesResponse,
)
from progress_service.privacy.service import ExportService

router = APIRouter(prefix="/api/progress", tags=["privacy"])
direct = APIRouter(prefix="/api/progress", tags=["privacy"], route_class=DirectRoute)

Preferences = Annotated[PreferencesService, Depends(provided(PreferencesService))]

FILE_NAME = "progress-export.ndjson"
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {NDJSON: lines_of(*LINE_MODELS, example=EXPORT_EXAMPLE)},
        "headers": {
            "Content-Disposition": {
                "description": "A file name.",
                "schema": {"type": "string"},
            }
        },
    }
}


class Exports:
    """Starts exports, and counts what they read."""

    def __init__(
        self,
        service: Annotated[ExportService, Depends(provided(ExportService))],
        limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
    ) -> None:
        self._service = service
        self._limiter = limiter

    async def respond(self, caller: Principal, student_id: str) -> LinesResponse:
        """The export of the student; an error before the first line is a problem response."""
        lines = self._counted(caller, self._service.export(student_id))
        first = await anext(lines, b"")
        respond_by.set(math.inf)  # The deadline was for the first byte.
        headers = {
            "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
            "Cache-Control": "no-store",
        }
        return LinesResponse(after_first(first, lines), headers=headers)

    async def _counted(
        self, caller: Principal, lines: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        try:
            async for some in lines:
                self._limiter.records(caller, some.count(b"\n"))
                yield some
        finally:
            await lines.aclose()


@router.get(
    "/me/export",
    status_code=200,
    response_class=LinesResponse,
    responses={**error_responses(), **_RESPONSES},
    summary="Export my data",
)
async def export_my_data(student: Student, exports: Annotated[Exports, Depends()]) -> LinesResponse:
    """Everything that is stored about the student, as lines of JSON.

    Each line has a `kind`. The first is the header, and the last, `end`, has the number of lines
    before it: without it the export was cut off and must be repeated. Everything that was
    acknowledged before the request is in it.
    """
    return await exports.respond(student, student.id)


@router.get(
    "/students/{student_id}/export",
    status_code=200,
    response_class=LinesResponse,
    responses={**error_responses(), **_RESPONSES},
    summary="Export a student's data",
)
async def export_student_data(
    student_id: StudentId, service: ServiceCaller, exports: Annotated[Exports, Depends()]
) -> LinesResponse:
    """For services: what the student gets from `exportMyData`.

    Of a student about whom nothing is stored, it has only the first and the last line.
    """
    return await exports.respond(service, student_id)


@direct.get(
    "/me/preferences",
    response_model=PreferencesResponse,
    responses=error_responses(),
    summary="Get my preferences",
)
async def get_my_preferences(student: Student, preferences: Preferences) -> PreferencesResponse:
    """What the student has chosen about what is stored; `on` unless it was changed."""
    return PreferencesResponse.of(await preferences.read(student.id))


@direct.put(
    "/me/preferences",
    response_model=PreferencesResponse,
    responses=error_responses(409, 413),
    summary="Put my preferences",
)
async def put_my_preferences(
    body: PreferencesBody, student: Student, preferences: Preferences
) -> PreferencesResponse:
    """Pause the history, or resume it.

    While it is paused, reports are confirmed as always and store nothing but completion. What was
    stored before stays. Marks by hand work as ever.
    """
    return PreferencesResponse.of(await preferences.write(student.id, body.history))
