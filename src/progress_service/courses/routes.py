"""Course progress over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response
from typing_extensions import TypedDict

from progress_service.catalog.schemas import CourseId, path_id
from progress_service.courses.service import CoursesService, CourseStanding
from progress_service.domain.course_list import CourseSummary, decode_cursor
from progress_service.edge.auth import CurrentStudent
from progress_service.edge.lean import answered_by, limited_student_of, reply
from progress_service.edge.problems import answers
from progress_service.edge.rate_limit import LimitedStudent, limits_of
from progress_service.progress.schemas import StatusSummary, summary_of

router = APIRouter(prefix="/api/progress", tags=["courses"])

LISTED = 50  # Most students have fewer.
MAX_LISTED = 200


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


class ListedMaterials(BaseModel):
    """How many materials are done."""

    total: int = Field(examples=[10])
    completed: int = Field(examples=[4])


class ListedCourse(BaseModel):
    """A course of the student, as a list shows it."""

    course_id: str = Field(examples=["demo"])
    title: str = Field(examples=["Interfaces that learn"])
    overall_progress: float = Field(
        description="As `getCourseProgress` returns it.", examples=[45.5]
    )
    materials: ListedMaterials
    last_watched: datetime | None = Field(description="UTC; null when nothing was watched.")
    completed_at: datetime | None = Field(description="UTC. Stays when a material is added later.")


class MyCourses(BaseModel):
    """A page of the student's courses."""

    courses: list[ListedCourse]
    next: str | None = Field(description="`after` of the next page; null at the end.")


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


@router.get("/courses", responses=answers(), summary="List my courses")
async def list_my_courses(
    request: Request,
    student: LimitedStudent,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, examples=[50])] = LISTED,
    after: Annotated[str | None, Query(description="`next` of a page.")] = None,
) -> MyCourses:
    """Every course the student is enrolled in, the newest activity first; then the never begun
    ones by title.

    Activity is what was watched or marked as done. A course that gains activity between two pages
    moves to the front, so read the first page again to see it there.
    """
    service: CoursesService = request.app.state.courses
    place = decode_cursor(after) if after is not None else None
    page, size = await service.courses_of(student.id, after=place, limit=limit)
    limits_of(request).records(student, size)
    return MyCourses(courses=[_listed(course) for course in page.courses], next=page.next)


def _listed(course: CourseSummary) -> ListedCourse:
    totals = course.totals
    return ListedCourse(
        course_id=course.course_id,
        title=course.title,
        overall_progress=totals.overall_percent,
        materials=ListedMaterials(total=totals.total, completed=len(totals.completed_ids)),
        last_watched=totals.last_observed_at,
        completed_at=course.completed_at,
    )


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
