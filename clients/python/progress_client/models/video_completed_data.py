from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VideoCompletedData")


@_attrs_define
class VideoCompletedData:
    """Which student has completed which video.

    Attributes:
        student_id (str):
        course_id (str):
        material_id (str):
        completed_at (datetime.datetime):
    """

    student_id: str
    course_id: str
    material_id: str
    completed_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        student_id = self.student_id

        course_id = self.course_id

        material_id = self.material_id

        completed_at = self.completed_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "student_id": student_id,
                "course_id": course_id,
                "material_id": material_id,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        student_id = d.pop("student_id")

        course_id = d.pop("course_id")

        material_id = d.pop("material_id")

        completed_at = datetime.datetime.fromisoformat(d.pop("completed_at"))

        _made = cls(
            student_id=student_id,
            course_id=course_id,
            material_id=material_id,
            completed_at=completed_at,
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
