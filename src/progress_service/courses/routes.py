"""Course progress over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from progress_service.catalog.schemas import CourseId, path_id
from progress_service.courses.service import CoursesService, CourseStanding
from progress_service.edge.auth import CurrentStudent
from progress_service.edge.lean import answered_by, limited_student_of, reply
from progress_service.edge.problems import answers
from progress_service.edge.rate_limit import limits_of
from progress_service.progress.schemas import StatusSummary, summary_of

router = APIRouter(prefix="/api/progress", tags=["courses"])


class MaterialTotals(TypedDict):
    """How many materials are done."""

    total: Annotated[int, Field(examples=[10])]
    completed: Annotated[int, Field(examples=[4])]
    completed_ids: Annotated[tuple[str, ...], Field(description="In course order.")]


class CourseProgress(TypedDict):
    """A student's way through a course."""

    course_id: str
    student_id: str
    overall_progress: Annotated[
        float,
        Field(
            description="Mean over the required materials: 100 when done, else the furthest "
            "percentage below the threshold. 100 only when all are done.",
            examples=[45.5],
        ),
    ]
    materials: MaterialTotals
    videos: Annotated[
        dict[str, StatusSummary],
        Field(description="A status for each video of the course, without `watched_spans`."),
    ]
    last_watched: Annotated[datetime | None, Field(description="UTC.")]
    completed_at: Annotated[
        datetime | None, Field(description="UTC. Stays when a material is added later.")
    ]


class CourseProgressAnswer(TypedDict):
    """Course progress, in the envelope of old."""

    progress: CourseProgress


async def _progress(request: Request) -> Response:
    student = await limited_student_of(request)
    course_id = path_id(request, "course_id")
    service: CoursesService = request.app.state.courses
    standing = await service.progress(student_id=student.id, course_id=course_id)
    limits_of(request).records(student, len(standing.course.materials))
    return reply(CourseProgressAnswer(progress=_wire(standing, student.id)))


@router.get("/course/{course_id}", responses=answers(404), summary="Get a course's progress")
@answered_by(_progress)
async def get_course_progress(  # type: ignore[empty-body]
    course_id: CourseId, student: CurrentStudent
) -> CourseProgressAnswer:
    """How far the student is through the course, with the status of each video."""


def _wire(standing: CourseStanding, student_id: str) -> CourseProgress:
    totals = standing.totals
    return {
        "course_id": standing.course.course_id,
        "student_id": student_id,
        "overall_progress": totals.overall_percent,
        "materials": {
            "total": totals.total,
            "completed": len(totals.completed_ids),
            "completed_ids": totals.completed_ids,
        },
        "videos": {vid: summary_of(video) for vid, video in standing.videos.items()},
        "last_watched": totals.last_observed_at,
        "completed_at": standing.completed_at,
    }
