"""HTTP routes for reports and statuses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from progress_service.catalog.ids import MaterialId, StudentId, VideoId, is_id
from progress_service.clock import Clock
from progress_service.edge.callers import ReportingStudent, ServiceCaller, Student
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provided
from progress_service.errors import Invalid
from progress_service.progress.schemas import (
    CompletionBody,
    Mark,
    Message,
    ReportBody,
    Status,
    Statuses,
    VideoIds,
    in_wire_names,
    to_status,
    to_summary,
)
from progress_service.progress.service import ProgressService

router = APIRouter(prefix="/api/progress", tags=["progress"], route_class=DirectRoute)

Service = Annotated[ProgressService, Depends(provided(ProgressService))]
Limiter = Annotated[RateLimiter, Depends(provided(RateLimiter))]
ServiceClock = Annotated[Clock, Depends(provided(Clock))]

_UPDATED = Response(b'{"message":"Watch time updated"}', media_type="application/json")


@router.post(
    "/video/{video_id}/watch-time",
    response_model=Message,
    responses=error_responses(404, 409, 413),
    summary="Report where a player is",
)
async def update_watch_time(
    video_id: VideoId,
    body: ReportBody,
    student: ReportingStudent,
    service: Service,
    limiter: Limiter,
    clock: ServiceClock,
) -> Response:
    """Merge one report into the student's record.

    The response is sent when the report is journaled on a majority. Reports may arrive late, twice
    or in any order: the report with the newest `observed_at` sets the position, played spans add
    up, and the video is completed from `complete_at_percent` on. One update per second and video.
    """
    try:
        report = body.to_report(now=clock.now())
        limiter.watch_time(student.id, video_id)
        await service.record(report, student_id=student.id, material_id=video_id)
    except Invalid as error:
        raise in_wire_names(error) from error
    return _UPDATED  # always the same, so it is built once


@router.get(
    "/video/{video_id}/status", responses=error_responses(404), summary="Get a video's status"
)
async def get_video_status(video_id: VideoId, student: Student, service: Service) -> Status:
    """The student's position in the video, the watched spans, and whether it is completed."""
    return to_status(await service.status(student_id=student.id, material_id=video_id))


@router.post(
    "/videos/batch", responses=error_responses(413), summary="Get the status of many videos"
)
async def get_video_statuses(
    body: VideoIds, student: Student, service: Service, limiter: Limiter
) -> Statuses:
    """Each id is returned once. Videos that the student may not watch are listed as `unavailable`;
    the request still succeeds.

    Only the status of a single video has `watched_spans`.
    """
    video_ids = list(dict.fromkeys(body.video_ids))
    limiter.records(student, len(video_ids))
    statuses = await service.statuses(
        student_id=student.id, material_ids=[vid for vid in video_ids if is_id(vid)]
    )
    return Statuses(
        progress={vid: to_summary(statuses[vid]) for vid in video_ids if vid in statuses},
        unavailable=[vid for vid in video_ids if vid not in statuses],
    )


@router.post(
    "/material/{material_id}/complete", responses=error_responses(404, 409), summary="Mark as done"
)
async def complete_material(material_id: MaterialId, student: Student, service: Service) -> Mark:
    """Mark a material as done by hand, also a reading. Safe to repeat."""
    return await _mark(service, student.id, material_id, done=True)


@router.delete(
    "/material/{material_id}/complete", responses=error_responses(404, 409), summary="Unmark"
)
async def uncomplete_material(material_id: MaterialId, student: Student, service: Service) -> Mark:
    """Remove the completion; earlier reports no longer complete the material. Safe to repeat."""
    return await _mark(service, student.id, material_id, done=False)


@router.get(
    "/students/{student_id}/video/{video_id}/status",
    responses=error_responses(404),
    summary="Get a student's status in a video",
)
async def get_student_video_status(
    student_id: StudentId, video_id: VideoId, _: ServiceCaller, service: Service
) -> Status:
    """For services: what the student gets from `getVideoStatus`, 403 without an enrolment."""
    return to_status(await service.status(student_id=student_id, material_id=video_id))


@router.post(
    "/students/{student_id}/material/{material_id}/complete",
    responses=error_responses(404, 409, 413),
    summary="Mark a student's material as done",
)
async def complete_student_material(
    student_id: StudentId,
    material_id: MaterialId,
    caller: ServiceCaller,
    service: Service,
    body: CompletionBody | None = None,
) -> Mark:
    """For services: mark a material of any type as done for a student. Requires no body.

    The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
    the material is completed now. Of a mark and an unmark, the later call counts, whatever
    `completed_at` is. The `sub` of the service is stored beside the completion.
    """
    completed_at = body.completed_at if body is not None else None
    return await _mark(
        service,
        student_id,
        material_id,
        done=True,
        completed_at=completed_at,
        service_id=caller.id,
    )


@router.delete(
    "/students/{student_id}/material/{material_id}/complete",
    responses=error_responses(404, 409),
    summary="Unmark a student's material",
)
async def uncomplete_student_material(
    student_id: StudentId, material_id: MaterialId, caller: ServiceCaller, service: Service
) -> Mark:
    """For services: remove a student's completion, as `uncompleteMaterial` does. Safe to repeat.

    The `sub` of the service is stored beside the time of the unmark.
    """
    return await _mark(service, student_id, material_id, done=False, service_id=caller.id)


async def _mark(
    service: ProgressService,
    student_id: str,
    material_id: str,
    *,
    done: bool,
    completed_at: datetime | None = None,
    service_id: str | None = None,
) -> Mark:
    progress = await service.mark(
        student_id=student_id,
        material_id=material_id,
        done=done,
        completed_at=completed_at,
        service_id=service_id,
    )
    return Mark(
        material_id=material_id,
        completed=progress.is_completed,
        completed_at=progress.completed_at,
    )
