"""The catalogue over HTTP: courses with their materials, and enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from progress_service.catalog.course_bodies import course_json, read_course
from progress_service.catalog.permits import not_teacher
from progress_service.catalog.schemas import (
    CourseAnswer,
    CourseBody,
    CourseId,
    EnrollmentAnswer,
    EnrollmentPage,
    EnrollmentsAnswer,
    SandboxId,
    StudentId,
    StudentIds,
    UserId,
    path_id,
)
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course, Material
from progress_service.edge.auth import CurrentEditor
from progress_service.edge.lean import (
    answered_by,
    body_of,
    limited_editor_of,
    raw_body_of,
    reply,
)
from progress_service.edge.problems import MAX_FIELDS_NAMED, MAX_LARGE_BODY_BYTES, answers
from progress_service.edge.rate_limit import LimitedEditor, LimitedUser
from progress_service.edge.tokens import Principal
from progress_service.errors import FieldError, Invalid
from progress_service.pacing import paced

router = APIRouter(prefix="/api/catalog/courses", tags=["catalog"])


def _service(request: Request) -> CatalogService:
    service: CatalogService = request.app.state.catalog
    return service


Catalog = Annotated[CatalogService, Depends(_service)]


async def _put_course(request: Request) -> Response:
    editor = await limited_editor_of(request)
    course_id = path_id(request, "course_id")
    course = await read_course(await raw_body_of(request, editor), course_id)
    await _check(course)
    await _service(request).put_course(course, teacher_id=_teacher_id(editor))
    return Response(await course_json(course), media_type="application/json")


@router.put("/{course_id}", responses=answers(409, 413), summary="Put a course")
@answered_by(_put_course, max_body_bytes=MAX_LARGE_BODY_BYTES)
async def put_course(  # type: ignore[empty-body]
    course_id: SandboxId, body: CourseBody, editor: CurrentEditor
) -> CourseAnswer:
    """Create the course, or replace it whole. A material may belong to one course only.

    Materials left out are removed from the course; what learners did with them is kept.
    """


@router.get(
    "/{course_id}", response_model=CourseAnswer, responses=answers(404), summary="Get a course"
)
async def get_course(course_id: CourseId, user: LimitedUser, catalog: Catalog) -> Response:
    """The course with its materials, for a service, its teachers and its enrolled students."""
    course = await catalog.course(course_id)
    is_teacher = "teacher" in user.roles and user.id in course.teacher_ids
    if not is_teacher and "service" not in user.roles:
        if "student" not in user.roles:
            raise not_teacher(course_id)
        await catalog.require_enrolled(user.id, course_id)
    return Response(await course_json(course), media_type="application/json")


@router.delete("/{course_id}", status_code=204, responses=answers(404), summary="Remove a course")
async def delete_course(course_id: SandboxId, editor: LimitedEditor, catalog: Catalog) -> Response:
    """Remove the course. Enrolments and what learners did are kept, should it come back.

    One of its teachers, or a service, may put it back; another teacher cannot take its id.
    """
    await catalog.delete_course(course_id, teacher_id=_teacher_id(editor))
    return Response(status_code=204)


@router.put(
    "/{course_id}/enrollments/{student_id}", responses=answers(404), summary="Enrol a student"
)
async def put_enrollment(
    course_id: CourseId, student_id: StudentId, editor: LimitedEditor, catalog: Catalog
) -> EnrollmentAnswer:
    """Needs no body and may be repeated."""
    await catalog.enroll(course_id, [student_id], teacher_id=_teacher_id(editor))
    return EnrollmentAnswer(course_id=course_id, student_id=student_id)


@router.delete(
    "/{course_id}/enrollments/{student_id}",
    status_code=204,
    responses=answers(404),
    summary="End an enrolment",
)
async def delete_enrollment(
    course_id: CourseId, student_id: StudentId, editor: LimitedEditor, catalog: Catalog
) -> Response:
    """The student's progress is kept, should they come back. May be repeated."""
    await catalog.unenroll(course_id, student_id, teacher_id=_teacher_id(editor))
    return Response(status_code=204)


async def _put_enrollments(request: Request) -> Response:
    editor = await limited_editor_of(request)
    course_id = path_id(request, "course_id")
    student_ids = list(dict.fromkeys((await body_of(request, StudentIds, editor)).student_ids))
    await _service(request).enroll(course_id, student_ids, teacher_id=_teacher_id(editor))
    return reply(EnrollmentsAnswer(course_id=course_id, enrolled=len(student_ids)))


@router.put("/{course_id}/enrollments", responses=answers(404, 413), summary="Enrol many students")
@answered_by(_put_enrollments)
async def put_enrollments(  # type: ignore[empty-body]
    course_id: CourseId, body: StudentIds, editor: CurrentEditor
) -> EnrollmentsAnswer:
    """Adds up to 1000 students; those already enrolled stay as they are."""


@router.get("/{course_id}/enrollments", responses=answers(404), summary="List enrolled students")
async def list_enrollments(
    course_id: CourseId,
    editor: LimitedEditor,
    catalog: Catalog,
    after: Annotated[UserId | None, Query(description="`next` of a page.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> EnrollmentPage:
    """Student ids in order, a page at a time."""
    page = await catalog.students_of(
        course_id, after=after, limit=limit + 1, teacher_id=_teacher_id(editor)
    )
    more = len(page) > limit
    page = page[:limit]
    return EnrollmentPage(course_id=course_id, student_ids=page, next=page[-1] if more else None)


def _teacher_id(editor: Principal) -> str | None:
    """Whose course it must be; a service may change any."""
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
            errors.append(FieldError(where, "repeated", "each material stands once in a course"))
        seen.add(material.material_id)
    return errors


def _past_the_end(index: int, material: Material) -> Sequence[FieldError]:
    length = material.duration_seconds
    if length is None:
        return ()
    stretches = {"intro": material.intro, "outro": material.outro}
    ends = {name: stretch.end_seconds for name, stretch in stretches.items() if stretch}
    ends |= {f"chapters.{i}": c.start_seconds for i, c in enumerate(material.chapters)}
    return [
        FieldError(f"materials.{index}.{name}", "past_the_end", f"must lie within {length:g} s")
        for name, at in ends.items()
        if at > length
    ]
