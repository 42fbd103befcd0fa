from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RecentWeek")


@_attrs_define
class RecentWeek:
    """The seven days up to `as_of`.

    Attributes:
        active (int | None): Learners who watched a video.
        completed_a_material (int | None): Learners who completed a material.
    """

    active: int | None
    completed_a_material: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        active: int | None
        active = self.active

        completed_a_material: int | None
        completed_a_material = self.completed_a_material

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "active": active,
                "completed_a_material": completed_a_material,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_active(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        active = _parse_active(d.pop("active"))

        def _parse_completed_a_material(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        completed_a_material = _parse_completed_a_material(
            d.pop("completed_a_material")
        )

        _made = cls(
            active=active,
            completed_a_material=completed_a_material,
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
