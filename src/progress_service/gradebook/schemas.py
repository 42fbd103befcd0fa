"""Wire shapes of the gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import to_json
from typing_extensions import TypedDict

from progress_service.domain.gradebook import GradebookRow
from progress_service.edge.csv import to_csv
from progress_service.gradebook.page_reading import GradebookPage
from progress_service.pacing import paced_map


class StudentProgress(TypedDict):
    """The progress of one student in the course, with the values of `getCourseProgress`."""

    student_id: Annotated[str, Field(examples=["ana"])]
    enrolled_at: Annotated[
        datetime | None,
        Field(description="UTC; null if another program enrolled the student without a date."),
    ]
    overall_progress: Annotated[
        float, Field(description="The same as in `getCourseProgress`.", examples=[45.5])
    ]
    completed_ids: Annotated[list[str], Field(description="In the order of the course.")]
    last_watched: Annotated[datetime | None, Field(description="UTC; null if nothing was watched.")]
    completed_at: Annotated[
        datetime | None, Field(description="UTC. Kept when a material is added later.")
    ]


class CourseStudents(TypedDict):
    """A page of the gradebook of a course."""

    course_id: Annotated[str, Field(examples=["demo"])]
    students: Annotated[list[StudentProgress], Field(description="In the order of `student_id`.")]
    ended_enrollments: Annotated[
        list[str],
        Field(
            description="Only with `changed_since`: students whose enrolment has ended since, in "
            "the order of their ids."
        ),
    ]
    next: Annotated[
        str | None,
        Field(
            description="The `after` of the next page; null at the end. A page may have fewer rows "
            "than `limit`, or none, although another one follows."
        ),
    ]
    cursor: Annotated[
        str,
        Field(
            description="The `changed_since` for the next time. Use that of the last page: earlier "
            "ones are only complete with the pages that follow."
        ),
    ]


async def students_json(page: GradebookPage) -> bytes:
    """*page* as the JSON of `CourseStudents`."""
    return to_json(
        CourseStudents(
            course_id=page.course_id,
            students=await paced_map(_to_student, page.rows),
            ended_enrollments=list(page.ended_ids),
            next=None if page.next is None else page.next.encode(),
            cursor=page.cursor.encode(),
        )
    )


async def students_csv(page: GradebookPage) -> str:
    """*page* as CSV; the row of an ended enrolment has a student id and nothing else."""
    rows: Sequence[dict[str, Any]] = await paced_map(_to_cells, page.rows)
    ended = [{"student_id": student_id} for student_id in page.ended_ids]
    everybody = sorted([*rows, *ended], key=lambda row: row["student_id"])
    return to_csv(list(StudentProgress.__annotations__), everybody)


def _to_student(row: GradebookRow) -> StudentProgress:
    return {
        "student_id": row.student_id,
        "enrolled_at": row.enrolled_at,
        "overall_progress": row.overall_percent,
        "completed_ids": list(row.completed_ids),
        "last_watched": row.last_observed_at,
        "completed_at": row.completed_at,
    }


def _to_cells(row: GradebookRow) -> dict[str, Any]:
    return {name: _to_cell(value) for name, value in _to_student(row).items()}


def _to_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return " ".join(value) if isinstance(value, list) else value
