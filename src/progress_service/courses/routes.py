"""HTTP routes for course progress."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from progress_service.catalog.ids import CourseId, StudentId
from progress_service.courses.service import CoursesService, CourseStatus
from progress_service.domain.course_list import CourseSummary, decode_cursor
from progress_service.edge.callers import ServiceCaller, Student
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provided
from progress_service.edge.token_verifier import Principal
from progress_service.progress.schemas import StatusSummary, to_summary

router = APIRouter(prefix="/api/progress", tags=["courses"])
direct = APIRouter(prefix="/api/progress", tags=["courses"], route_class=DirectRoute)

Service = Annotated[CoursesService, Depends(provided(CoursesService))]
Limiter = Annotated[RateLimiter, Depends(provided(RateLimiter))]

LISTED = 50  # Most students have fewer courses.
MAX_LISTED = 200


class MaterialTotals(TypedDict):
    """The number of materials, and which are completed."""

    total: Annotated[int, Field(examples=[10])]
    completed: Annotated[int, Field(examples=[4])]
    completed_ids: Annotated[tuple[str, ...], Field(description="In the order of the course.")]


class CourseProgress(TypedDict):
    """A student's progress in a course."""

    course_id: str
    student_id: str
    overall_progress: Annotated[
        float,
        Field(
            description="Mean over the required materials: 100 if completed, else the furthest "
            "percentage below the threshold. 100 only if all are completed.",
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
        datetime | None, Field(description="UTC. Kept when a material is added later.")
    ]


class CourseProgressResponse(TypedDict):
    """Course progress, in the envelope of the first version."""

    progress: CourseProgress


class ListedMaterials(BaseModel):
    """The number of materials, and how many are completed."""

    total: int = Field(examples=[10])
    completed: int = Field(examples=[4])


class ListedCourse(BaseModel):
    """A course of the student, as in lists."""

    course_id: str = Field(examples=["demo"])
    title: str = Field(examples=["Interfaces that learn"])
    overall_progress: float = Field(
        description="The same as in `getCourseProgress`.", examples=[45.5]
    )
    materials: ListedMaterials
    last_watched: datetime | None = Field(description="UTC; null if nothing was watched.")
    completed_at: datetime | None = Field(description="UTC. Kept when a material is added later.")


class MyCourses(BaseModel):
    """A page of the student's courses."""

    courses: list[ListedCourse]
    next: str | None = Field(description="The `after` of the next page; null at the end.")


@direct.get(
    "/course/{course_id}", responses=error_responses(404), summary="Get a course's progress"
)
async def get_course_progress(
    course_id: CourseId, student: Student, service: Service, limiter: Limiter
) -> CourseProgressResponse:
    """The student's progress in the course, with the status of each video."""
    return await _course_progress(service, limiter, student, student.id, course_id)


async def _course_progress(
    service: CoursesService,
    limiter: RateLimiter,
    caller: Principal,
    student_id: str,
    course_id: str,
) -> CourseProgressResponse:
    status = await service.progress(student_id=student_id, course_id=course_id)
    limiter.records(caller, len(status.course.materials))
    return CourseProgressResponse(progress=_to_progress(status, student_id))


@direct.get(
    "/students/{student_id}/course/{course_id}",
    responses=error_responses(404),
    summary="Get a student's course progress",
)
async def get_student_course_progress(
    student_id: StudentId,
    course_id: CourseId,
    caller: ServiceCaller,
    service: Service,
    limiter: Limiter,
) -> CourseProgressResponse:
    """For services: what the student gets from `getCourseProgress`, 403 without an enrolment."""
    return await _course_progress(service, limiter, caller, student_id, course_id)


@router.get("/courses", responses=error_responses(), summary="List my courses")
async def list_my_courses(
    student: Student,
    service: Service,
    limiter: Limiter,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, examples=[50])] = LISTED,
    after: Annotated[str | None, Query(description="The `next` of the previous page.")] = None,
) -> MyCourses:
    """Every course that the student is enrolled in, newest activity first; then those without
    activity, by title.

    Activity is a video watched or a material marked as done. A course that gains activity between
    two pages moves to the front, so read the first page again to see it there.
    """
    cursor = decode_cursor(after) if after is not None else None
    page, size = await service.courses_of(student.id, after=cursor, limit=limit)
    limiter.records(student, size)
    return MyCourses(courses=[_to_listed(course) for course in page.courses], next=page.next)


def _to_listed(course: CourseSummary) -> ListedCourse:
    totals = course.totals
    return ListedCourse(
        course_id=course.course_id,
        title=course.title,
        overall_progress=totals.overall_percent,
        materials=ListedMaterials(total=totals.total, completed=len(totals.completed_ids)),
        last_watched=totals.last_observed_at,
        completed_at=course.completed_at,
    )


def _to_progress(status: CourseStatus, student_id: str) -> CourseProgress:
    totals = status.totals
    return {
        "course_id": status.course.course_id,
        "student_id": student_id,
        "overall_progress": totals.overall_percent,
        "materials": {
            "total": totals.total,
            "completed": len(totals.completed_ids),
            "completed_ids": totals.completed_ids,
        },
        "videos": {vid: to_summary(video) for vid, video in status.videos.items()},
        "last_watched": totals.last_observed_at,
        "completed_at": status.completed_at,
    }
