"""Wire shapes of the gradebook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from progress_service.domain.gradebook import GradebookRow
from progress_service.edge.csv import to_csv
from progress_service.gradebook.page_reading import GradebookPage

COLUMNS = (
    "student_id",
    "enrolled_at",
    "overall_progress",
    "completed_ids",
    "last_watched",
    "completed_at",
)


class StudentProgress(BaseModel):
    """The progress of one student in the course, with the values of `getCourseProgress`."""

    student_id: str = Field(examples=["ana"])
    enrolled_at: datetime | None = Field(
        description="UTC; null in enrolments of other programs without a readable date."
    )
    overall_progress: float = Field(
        description="The same as in `getCourseProgress`.", examples=[45.5]
    )
    completed_ids: list[str] = Field(description="In the order of the course.")
    last_watched: datetime | None = Field(description="UTC; null if nothing was watched.")
    completed_at: datetime | None = Field(description="UTC. Kept when a material is added later.")


class CourseStudents(BaseModel):
    """A page of the gradebook of a course."""

    course_id: str = Field(examples=["demo"])
    students: list[StudentProgress] = Field(description="In the order of `student_id`.")
    ended_enrollments: list[str] = Field(
        description="Only with `changed_since`: students of this page's range whose enrolment has "
        "ended since; in the order of their ids."
    )
    next: str | None = Field(
        description="The `after` of the next page; null at the end. A page may have fewer rows "
        "than `limit`, or none, and still have a next one."
    )
    cursor: str = Field(
        description="The `changed_since` of the next list, once every page of this one was read. "
        "Use that of the last page."
    )


def to_students(page: GradebookPage) -> CourseStudents:
    """*page* as JSON."""
    return CourseStudents(
        course_id=page.course_id,
        students=[StudentProgress(**_values(row)) for row in page.rows],
        ended_enrollments=list(page.ended_ids),
        next=None if page.next is None else page.next.encode(),
        cursor=page.cursor.encode(),
    )


def students_csv(page: GradebookPage) -> str:
    """*page* as CSV; the row of an ended enrolment has a student id and nothing else."""
    rows = [*map(_cells, page.rows), *({"student_id": one} for one in page.ended_ids)]
    return to_csv(COLUMNS, sorted(rows, key=lambda row: row["student_id"]))


def _values(row: GradebookRow) -> dict[str, Any]:
    return {
        "student_id": row.student_id,
        "enrolled_at": row.enrolled_at,
        "overall_progress": row.overall_percent,
        "completed_ids": list(row.completed_ids),
        "last_watched": row.last_observed_at,
        "completed_at": row.completed_at,
    }


def _cells(row: GradebookRow) -> dict[str, Any]:
    return {name: _cell(value) for name, value in _values(row).items()}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return " ".join(value) if isinstance(value, list) else value
