from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CourseFrame")


@_attrs_define
class CourseFrame:
    """A course changed for the student: its totals, its materials, or the enrolment.

    Attributes:
        type_ (Literal['course']):
        course_id (str):
        enrolled (bool):
        overall_progress (float | None):
        completed_ids (list[str] | None):
        completed_at (datetime.datetime | None):
    """

    type_: Literal["course"]
    course_id: str
    enrolled: bool
    overall_progress: float | None
    completed_ids: list[str] | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        course_id = self.course_id

        enrolled = self.enrolled

        overall_progress: float | None
        overall_progress = self.overall_progress

        completed_ids: list[str] | None
        if isinstance(self.completed_ids, list):
            completed_ids = self.completed_ids

        else:
            completed_ids = self.completed_ids

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "courseId": course_id,
                "enrolled": enrolled,
                "overallProgress": overall_progress,
                "completedIds": completed_ids,
                "completedAt": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["course"], d.pop("type"))
        if type_ != "course":
            raise ValueError(f"type must match const 'course', got '{type_}'")

        course_id = d.pop("courseId")

        enrolled = d.pop("enrolled")

        def _parse_overall_progress(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        overall_progress = _parse_overall_progress(d.pop("overallProgress"))

        def _parse_completed_ids(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                completed_ids_type_0 = cast(list[str], data)

                return completed_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        completed_ids = _parse_completed_ids(d.pop("completedIds"))

        def _parse_completed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_nullable_time_type_0 = (
                    datetime.datetime.fromisoformat(data)
                )

                return componentsschemas_nullable_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        completed_at = _parse_completed_at(d.pop("completedAt"))

        _made = cls(
            type_=type_,
            course_id=course_id,
            enrolled=enrolled,
            overall_progress=overall_progress,
            completed_ids=completed_ids,
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
