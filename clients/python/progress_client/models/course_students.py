from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.student_progress import StudentProgress


T = TypeVar("T", bound="CourseStudents")


@_attrs_define
class CourseStudents:
    """A page of the gradebook of a course.

    Attributes:
        course_id (str):
        students (list[StudentProgress]): In the order of `student_id`.
        ended_enrollments (list[str]): Only with `changed_since`: students whose enrolment has ended since, in the order
            of their ids.
        next_ (None | str):
        cursor (str): The `changed_since` for the next time. Use that of the last page: earlier ones are only complete
            with the pages that follow.
    """

    course_id: str
    students: list[StudentProgress]
    ended_enrollments: list[str]
    next_: None | str
    cursor: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        students = []
        for students_item_data in self.students:
            students_item = students_item_data.to_dict()
            students.append(students_item)

        ended_enrollments = self.ended_enrollments

        next_: None | str
        next_ = self.next_

        cursor = self.cursor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "course_id": course_id,
                "students": students,
                "ended_enrollments": ended_enrollments,
                "next": next_,
                "cursor": cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.student_progress import StudentProgress  # noqa: PLC0415

        d = dict(src_dict)
        course_id = d.pop("course_id")

        students = []
        _students = d.pop("students")
        for students_item_data in _students:
            students_item = StudentProgress.from_dict(students_item_data)

            students.append(students_item)

        ended_enrollments = cast(list[str], d.pop("ended_enrollments"))

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        cursor = d.pop("cursor")

        _made = cls(
            course_id=course_id,
            students=students,
            ended_enrollments=ended_enrollments,
            next_=next_,
            cursor=cursor,
        )

        _made.additional_properties = d
        return _made

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
