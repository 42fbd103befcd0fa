from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.exported_enrollment_kind import ExportedEnrollmentKind

T = TypeVar("T", bound="ExportedEnrollment")


@_attrs_define
class ExportedEnrollment:
    """An enrolment; one that has ended has `ended_at`.

    Attributes:
        kind (ExportedEnrollmentKind):
        course_id (str):
        enrolled_at (datetime.datetime | None):
        overall_progress (float):
        completed_ids (list[str]):
        completed_at (datetime.datetime | None):
    """

    kind: ExportedEnrollmentKind
    course_id: str
    enrolled_at: datetime.datetime | None
    overall_progress: float
    completed_ids: list[str]
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        course_id = self.course_id

        enrolled_at: None | str
        if isinstance(self.enrolled_at, datetime.datetime):
            enrolled_at = self.enrolled_at.isoformat()
        else:
            enrolled_at = self.enrolled_at

        overall_progress = self.overall_progress

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
                "kind": kind,
                "course_id": course_id,
                "enrolled_at": enrolled_at,
                "overall_progress": overall_progress,
                "completed_ids": completed_ids,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = ExportedEnrollmentKind(d.pop("kind"))

        course_id = d.pop("course_id")

        def _parse_enrolled_at(data: object) -> datetime.datetime | None:
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

        enrolled_at = _parse_enrolled_at(d.pop("enrolled_at"))

        overall_progress = d.pop("overall_progress")

        completed_ids = cast(list[str], d.pop("completed_ids"))

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

        completed_at = _parse_completed_at(d.pop("completed_at"))

        _made = cls(
            kind=kind,
            course_id=course_id,
            enrolled_at=enrolled_at,
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
