from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CourseLearners")


@_attrs_define
class CourseLearners:
    """Learners of the course who are enrolled now.

    Attributes:
        enrolled (int | None): Rounded to a multiple of `min_learners`; null if suppressed.
        started (int | None): Viewers of at least one video.
        completed (int | None): With all required materials completed, now or earlier.
    """

    enrolled: int | None
    started: int | None
    completed: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        enrolled: int | None
        enrolled = self.enrolled

        started: int | None
        started = self.started

        completed: int | None
        completed = self.completed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "enrolled": enrolled,
                "started": started,
                "completed": completed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_enrolled(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        enrolled = _parse_enrolled(d.pop("enrolled"))

        def _parse_started(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        started = _parse_started(d.pop("started"))

        def _parse_completed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        completed = _parse_completed(d.pop("completed"))

        _made = cls(
            enrolled=enrolled,
            started=started,
            completed=completed,
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
