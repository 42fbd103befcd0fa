"""HTTP routes for the catalogue: courses with their materials, and enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from progress_service.catalog.course_bodies import course_json, read_course
from progress_service.catalog.ids import (
    CourseId,
    Id,
    SandboxId,
    StudentId,
    UserId,
)
from progress_service.catalog.lists import CatalogLists
from progress_service.catalog.permits import not_teacher
from progress_service.catalog.schemas import (
    CatalogCourse,
    CatalogPage,
    CourseBody,
    CourseResponse,
    EnrollmentPage,
    EnrollmentResponse,
    EnrollmentsResponse,
    StoredEnrollmentResponse,
    StudentIds,
)
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course, Material
from progress_service.edge.callers import Editor, User
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.problems import MAX_FIELDS_NAMED, MAX_LARGE_BODY_BYTES
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.request_body import RawJson
from progress_service.edge.services import provided
from progress_service.edge.token_verifier import Principal
from progress_service.errors import FieldError, Invalid
from progress_service.pacing import paced

router = APIRouter(prefix="/api/catalog/courses", tags=["catalog"])
direct = APIRouter(prefix="/api/catalog/courses", tags=["catalog"], route_class=DirectRoute)


Catalog = Annotated[CatalogService, Depends(provided(CatalogService))]
Lists = Annotated[CatalogLists, Depends(provided(CatalogLists))]
Limiter = Annotated[RateLimiter, Depends(provided(RateLimiter))]

LISTED = 50  # Most teachers have fewer courses.
MAX_LISTED = 200


@router.get("", responses=error_responses(), summary="List courses")
async def list_courses(
    editor: Editor,
    lists: Lists,
    limiter: Limiter,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, examples=[50])] = LISTED,
    after: Annotated[Id | None, Query(description="The `next` of the previous page.")] = None,
) -> CatalogPage:
    """All courses for a service, their own for a teacher, in the order of course ids.

    A page of large courses may be shorter than `limit`; only `next` says whether more follow.
    """
    page = await lists.courses(teacher_id=_teacher_id(editor), after=after, limit=limit)
    limiter.records(editor, len(page.courses))
    courses = [CatalogCourse(**asdict(course)) for course in page.courses]
    return CatalogPage(courses=courses, next=page.next)


@direct.put(
    "/{course_id}",
    response_model=CourseResponse,
    responses=error_responses(409, 413),
    max_body_size=MAX_LARGE_BODY_BYTES,
    summary="Put a course",
)
async def put_course(
    course_id: SandboxId, body: RawJson[CourseBody], editor: Editor, catalog: Catalog
) -> Response:
    """Create the course, or replace it entirely. A material may belong to one course only.

    Materials that are left out are removed from the course; learners' progress in them is kept.
    """
    course = await read_course(body.content, course_id)
    await _check(course)
    await catalog.put_course(course, teacher_id=_teacher_id(editor))
    return Response(await course_json(course), media_type="application/json")


@router.get(
    "/{course_id}",
    response_model=CourseResponse,
    responses=error_responses(404),
    summary="Get a course",
)
async def get_course(course_id: CourseId, user: User, catalog: Catalog) -> Response:
    """The course with its materials. For services, its teachers and its enrolled students."""
    course = await catalog.course(course_id)
    is_teacher = "teacher" in user.roles and user.id in course.teacher_ids
    if not is_teacher and "service" not in user.roles:
        if "student" not in user.roles:
            raise not_teacher(course_id)
        await catalog.require_enrolled(user.id, course_id)
    return Response(await course_json(course), media_type="application/json")


@router.delete(
    "/{course_id}", status_code=204, responses=error_responses(404), summary="Remove a course"
)
async def delete_course(course_id: SandboxId, editor: Editor, catalog: Catalog) -> Response:
    """Remove the course. Enrolments and progress are kept in case it is restored.

    One of its teachers, or a service, may restore it; other teachers cannot use its id.
    """
    await catalog.delete_course(course_id, teacher_id=_teacher_id(editor))
    return Response(status_code=204)


@router.put(
    "/{course_id}/enrollments/{student_id}",
    responses=error_responses(404),
    summary="Enrol a student",
)
async def put_enrollment(
    course_id: CourseId, student_id: StudentId, editor: Editor, catalog: Catalog
) -> EnrollmentResponse:
    """Enrol one student. Requires no body. Safe to repeat."""
    await catalog.enroll(course_id, [student_id], teacher_id=_teacher_id(editor))
    return EnrollmentResponse(course_id=course_id, student_id=student_id)


@router.get(
    "/{course_id}/enrollments/{student_id}",
    responses=error_responses(404),
    summary="Get an enrolment",
)
async def get_enrollment(
    course_id: CourseId, student_id: StudentId, editor: Editor, lists: Lists
) -> StoredEnrollmentResponse:
    """One enrolment; 404 with the code `enrollment_not_found` if the student is not enrolled."""
    found = await lists.enrollment(course_id, student_id, teacher_id=_teacher_id(editor))
    return StoredEnrollmentResponse(**asdict(found))


@router.delete(
    "/{course_id}/enrollments/{student_id}",
    status_code=204,
    responses=error_responses(404),
    summary="End an enrolment",
)
async def delete_enrollment(
    course_id: CourseId, student_id: StudentId, editor: Editor, catalog: Catalog
) -> Response:
    """End the enrolment. The student's progress is kept. Safe to repeat."""
    await catalog.unenroll(course_id, student_id, teacher_id=_teacher_id(editor))
    return Response(status_code=204)


@direct.put(
    "/{course_id}/enrollments", responses=error_responses(404, 413), summary="Enrol many students"
)
async def put_enrollments(
    course_id: CourseId, body: StudentIds, editor: Editor, catalog: Catalog
) -> EnrollmentsResponse:
    """Enrol up to 1000 students; those already enrolled stay unchanged."""
    student_ids = list(dict.fromkeys(body.student_ids))
    await catalog.enroll(course_id, student_ids, teacher_id=_teacher_id(editor))
    return EnrollmentsResponse(course_id=course_id, enrolled=len(student_ids))


@router.get(
    "/{course_id}/enrollments", responses=error_responses(404), summary="List enrolled students"
)
async def list_enrollments(
    course_id: CourseId,
    editor: Editor,
    catalog: Catalog,
    after: Annotated[UserId | None, Query(description="The `next` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> EnrollmentPage:
    """Student ids in ascending order, one page per request."""
    page = await catalog.students_of(
        course_id, after=after, limit=limit + 1, teacher_id=_teacher_id(editor)
    )
    more = len(page) > limit
    page = page[:limit]
    return EnrollmentPage(course_id=course_id, student_ids=page, next=page[-1] if more else None)


def _teacher_id(editor: Principal) -> str | None:
    """The teacher who must teach the course; ``None`` for a service, which may change any."""
    return None if "service" in editor.roles else editor.id


async def _check(course: Course) -> None:
    errors = [*_repeated_ids(course)]
    async for index, material in paced(enumerate(course.materials)):
        errors += _past_the_end(index, material)
    if errors:
        raise Invalid.fields(errors[:MAX_FIELDS_NAMED])


def _repeated_ids(course: Course) -> Sequence[FieldError]:
    seen: set[str] = set()
    errors = []
    for index, material in enumerate(course.materials):
        if material.material_id in seen:
            where = f"materials.{index}.material_id"
            errors.append(FieldError(where, "repeated", "a material may be in a course only once"))
        seen.add(material.material_id)
    return errors


def _past_the_end(index: int, material: Material) -> Sequence[FieldError]:
    length = material.duration_seconds
    if length is None:
        return ()
    segments = {"intro": material.intro, "outro": material.outro}
    ends = {name: segment.end_seconds for name, segment in segments.items() if segment}
    ends |= {f"chapters.{i}": c.start_seconds for i, c in enumerate(material.chapters)}
    return [
        FieldError(f"materials.{index}.{name}", "past_the_end", f"must lie within {length:g} s")
        for name, at in ends.items()
        if at > length
    ]
