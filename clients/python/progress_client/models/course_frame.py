from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CourseFrame")


@_attrs_define
class CourseFrame:
    """A course changed for the student: its totals, its materials, or whether they are in it.

    Attributes:
        course_id (str):
        enrolled (bool):
        type_ (Literal['course'] | Unset):  Default: 'course'.
        overall_progress (float | None | Unset): Null: read the course again.
        completed_ids (list[str] | None | Unset):
        completed_at (datetime.datetime | None | Unset):
    """

    course_id: str
    enrolled: bool
    type_: Literal["course"] | Unset = "course"
    overall_progress: float | None | Unset = UNSET
    completed_ids: list[str] | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        enrolled = self.enrolled

        type_ = self.type_

        overall_progress: float | None | Unset
        if isinstance(self.overall_progress, Unset):
            overall_progress = UNSET
        else:
            overall_progress = self.overall_progress

        completed_ids: list[str] | None | Unset
        if isinstance(self.completed_ids, Unset):
            completed_ids = UNSET
        elif isinstance(self.completed_ids, list):
            completed_ids = self.completed_ids

        else:
            completed_ids = self.completed_ids

        completed_at: None | str | Unset
        if isinstance(self.completed_at, Unset):
            completed_at = UNSET
        elif isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "courseId": course_id,
                "enrolled": enrolled,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if overall_progress is not UNSET:
            field_dict["overallProgress"] = overall_progress
        if completed_ids is not UNSET:
            field_dict["completedIds"] = completed_ids
        if completed_at is not UNSET:
            field_dict["completedAt"] = completed_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        course_id = d.pop("courseId")

        enrolled = d.pop("enrolled")

        type_ = cast(Literal["course"] | Unset, d.pop("type", UNSET))
        if type_ != "course" and not isinstance(type_, Unset):
            raise ValueError(f"type must match const 'course', got '{type_}'")

        def _parse_overall_progress(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        overall_progress = _parse_overall_progress(d.pop("overallProgress", UNSET))

        def _parse_completed_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                completed_ids_type_0 = cast(list[str], data)

                return completed_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        completed_ids = _parse_completed_ids(d.pop("completedIds", UNSET))

        def _parse_completed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        completed_at = _parse_completed_at(d.pop("completedAt", UNSET))

        course_frame = cls(
            course_id=course_id,
            enrolled=enrolled,
            type_=type_,
            overall_progress=overall_progress,
            completed_ids=completed_ids,
            completed_at=completed_at,
        )

        course_frame.additional_properties = d
        return course_frame

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
