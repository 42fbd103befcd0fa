"""Reports and statuses over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from progress_service.catalog.schemas import MaterialId, VideoId, is_id, path_id
from progress_service.edge.auth import CurrentStudent
from progress_service.edge.lean import (
    answered_by,
    body_of,
    limited_student_of,
    reply,
    student_of,
)
from progress_service.edge.problems import answers
from progress_service.edge.rate_limit import LimitedStudent, limits_of
from progress_service.errors import Forbidden, Invalid, NotFound
from progress_service.progress.schemas import (
    Mark,
    Message,
    ReportBody,
    Status,
    Statuses,
    VideoIds,
    status_of,
    summary_of,
)
from progress_service.progress.service import ProgressService

router = APIRouter(prefix="/api/progress", tags=["progress"])

_UPDATED = Response(b'{"message":"Watch time updated"}', media_type="application/json")


def service_of(request: Request) -> ProgressService:
    """The progress service of the app that answers *request*."""
    service: ProgressService = request.app.state.progress
    return service


Service = Annotated[ProgressService, Depends(service_of)]


async def _record(request: Request) -> Response:
    student = await student_of(request)
    now: datetime = request.app.state.clock()
    try:
        video_id = path_id(request, "video_id")
        report = (await body_of(request, ReportBody, student)).to_report(now=now)
    except Invalid:
        limits_of(request).call(student)
        raise
    limits_of(request).watch_time(student.id, video_id)
    try:
        await service_of(request).record(report, student_id=student.id, material_id=video_id)
    except (NotFound, Forbidden):  # each id has a second of its own; ever new ones are not free
        limits_of(request).call(student)
        raise
    return _UPDATED  # always the same, so made once


@router.post(
    "/video/{video_id}/watch-time",
    responses=answers(404, 413),
    summary="Report where a player is",
)
@answered_by(_record)
async def update_watch_time(  # type: ignore[empty-body]
    video_id: VideoId, body: ReportBody, student: CurrentStudent
) -> Message:
    """Merge one report into the student's record.

    The answer is given when the report is journaled on the majority. Reports may come late, twice
    or in any order: the newest `observed_at` says where the student is, what was played adds up,
    and the video is done from `complete_at_percent` on. One update a second and video.
    """


async def _status(request: Request) -> Response:
    student = await limited_student_of(request)
    video_id = path_id(request, "video_id")
    service = service_of(request)
    return reply(status_of(await service.status(student_id=student.id, material_id=video_id)))


@router.get("/video/{video_id}/status", responses=answers(404), summary="Get a video's status")
@answered_by(_status)
async def get_video_status(video_id: VideoId, student: CurrentStudent) -> Status:  # type: ignore[empty-body]
    """Where the student is, what they have seen, and whether it is done."""


async def _statuses(request: Request) -> Response:
    student = await limited_student_of(request)
    video_ids = list(dict.fromkeys((await body_of(request, VideoIds, student)).video_ids))
    limits_of(request).records(student, len(video_ids))
    standings = await service_of(request).statuses(
        student_id=student.id, material_ids=[vid for vid in video_ids if is_id(vid)]
    )
    return reply(
        Statuses(
            progress={vid: summary_of(standings[vid]) for vid in video_ids if vid in standings},
            unavailable=[vid for vid in video_ids if vid not in standings],
        )
    )


@router.post("/videos/batch", responses=answers(413), summary="Get the status of many videos")
@answered_by(_statuses)
async def get_video_statuses(body: VideoIds, student: CurrentStudent) -> Statuses:  # type: ignore[empty-body]
    """Each id is answered once; those the student cannot watch are listed, never an error.

    What was really played, `watched_spans`, is in the status of a single video only.
    """


@router.post("/material/{material_id}/complete", responses=answers(404), summary="Mark as done")
async def complete_material(
    material_id: MaterialId, student: LimitedStudent, service: Service
) -> Mark:
    """Mark a material as done by hand: readings too. May be repeated."""
    return await _mark(service, student.id, material_id, done=True)


@router.delete("/material/{material_id}/complete", responses=answers(404), summary="Unmark")
async def uncomplete_material(
    material_id: MaterialId, student: LimitedStudent, service: Service
) -> Mark:
    """Forget that a material is done, with all that was reported before. May be repeated."""
    return await _mark(service, student.id, material_id, done=False)


async def _mark(service: ProgressService, student_id: str, material_id: str, *, done: bool) -> Mark:
    progress = await service.mark(student_id=student_id, material_id=material_id, done=done)
    return Mark(
        material_id=material_id,
        completed=progress.is_completed,
        completed_at=progress.completed_at,
    )
