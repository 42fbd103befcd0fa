"""HTTP routes for erasures: by the student, and by a service."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from progress_service.catalog.ids import StudentId
from progress_service.edge.callers import ServiceCaller, Student
from progress_service.edge.error_responses import error_responses
from progress_service.edge.services import provided
from progress_service.privacy.erasure import ErasureService, ErasureStatus
from progress_service.privacy.erasure_schemas import ErasureResponse

router = APIRouter(prefix="/api/progress", tags=["privacy"])

Service = Annotated[ErasureService, Depends(provided(ErasureService))]

_ALL_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": ErasureResponse, "description": "Every step is done."}
}


@router.delete(
    "/me",
    status_code=202,
    responses=_ALL_DONE | error_responses(),
    response_description="The erasure is recorded, and runs.",
    summary="Erase my data",
)
async def erase_my_data(student: Student, service: Service, response: Response) -> ErasureResponse:
    """Erase everything that is stored about the student.

    Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
    crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
    the student are rejected with the code `erased`. Afterwards so are reports from before the
    erasure, and all of a student who is not enrolled again.
    """
    return _respond(response, await service.erase(student.id))


@router.get("/me/erasure", responses=error_responses(404), summary="Follow my erasure")
async def get_my_erasure(student: Student, service: Service) -> ErasureResponse:
    """The last erasure of the student's data; 404 with the code `erasure_not_found` without one."""
    return _to_response(await service.status(student.id))


@router.delete(
    "/students/{student_id}",
    status_code=202,
    responses=_ALL_DONE | error_responses(),
    response_description="The erasure is recorded, and runs.",
    summary="Erase a student's data",
)
async def erase_student(
    student_id: StudentId, _: ServiceCaller, service: Service, response: Response
) -> ErasureResponse:
    """For services: what `eraseMyData` does. It works for every user id, known or not."""
    return _respond(response, await service.erase(student_id))


@router.get(
    "/students/{student_id}/erasure",
    responses=error_responses(404),
    summary="Follow a student's erasure",
)
async def get_student_erasure(
    student_id: StudentId, _: ServiceCaller, service: Service
) -> ErasureResponse:
    """For services: what `getMyErasure` returns."""
    return _to_response(await service.status(student_id))


def _respond(response: Response, status: ErasureStatus) -> ErasureResponse:
    response.status_code = 200 if status.is_finished else 202
    return _to_response(status)


def _to_response(status: ErasureStatus) -> ErasureResponse:
    return ErasureResponse(
        state="erased" if status.is_finished else "erasing",
        requested_at=status.requested_at,
        finished_at=status.finished_at,
        remaining=list(status.remaining),
    )
