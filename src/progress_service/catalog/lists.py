"""Lists courses, and looks up single enrolments, for their teachers and for services."""

from __future__ import annotations

from progress_service.catalog.class_members import ClassMembers, StoredEnrollment
from progress_service.catalog.course_list import CourseList, ListedCourses
from progress_service.catalog.service import CatalogService
from progress_service.errors import NotFound


class CatalogLists:
    """What editors see of the catalogue, beside whole courses. Nothing about progress."""

    def __init__(self, courses: CourseList, members: ClassMembers, catalog: CatalogService) -> None:
        self._courses = courses
        self._members = members
        self._catalog = catalog

    async def courses(
        self, *, teacher_id: str | None, after: str | None, limit: int
    ) -> ListedCourses:
        """A page of the teacher's courses or, with ``None``, of all."""
        return await self._courses.page(teacher_id=teacher_id, after=after, limit=limit)

    async def enrollment(
        self, course_id: str, student_id: str, *, teacher_id: str | None
    ) -> StoredEnrollment:
        """The student's enrolment in the course, as stored.

        Raises:
            NotFound: no such course, or the student is not enrolled in it.
            Forbidden: this teacher does not teach it.
        """
        if teacher_id is None:
            await self._catalog.course(course_id)
        else:
            await self._catalog.editable(course_id, teacher_id=teacher_id)
        found = await self._members.enrollment(course_id, student_id)
        if found is None:
            raise NotFound("enrollment", f"{student_id} in {course_id}")
        return found
