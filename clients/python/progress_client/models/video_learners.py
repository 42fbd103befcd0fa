from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VideoLearners")


@_attrs_define
class VideoLearners:
    """Learners of the course who are enrolled now.

    Attributes:
        enrolled (int | None): Rounded to a multiple of `min_learners`; null if suppressed.
        viewers (int | None): With at least 3 s played; without spans, with a position of at least 3 s.
        completed (int | None): Rounded to a multiple of `min_learners`; null if suppressed.
    """

    enrolled: int | None
    viewers: int | None
    completed: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        enrolled: int | None
        enrolled = self.enrolled

        viewers: int | None
        viewers = self.viewers

        completed: int | None
        completed = self.completed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "enrolled": enrolled,
                "viewers": viewers,
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

        def _parse_viewers(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        viewers = _parse_viewers(d.pop("viewers"))

        def _parse_completed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        completed = _parse_completed(d.pop("completed"))

        _made = cls(
            enrolled=enrolled,
            viewers=viewers,
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
