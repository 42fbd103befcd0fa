from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProgressTenth")


@_attrs_define
class ProgressTenth:
    """Learners whose course progress lies in that range; 100 % is in the last one.

    Attributes:
        from_percent (int):
        to_percent (int):
        learners (int):
    """

    from_percent: int
    to_percent: int
    learners: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_percent = self.from_percent

        to_percent = self.to_percent

        learners = self.learners

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from_percent": from_percent,
                "to_percent": to_percent,
                "learners": learners,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        from_percent = d.pop("from_percent")

        to_percent = d.pop("to_percent")

        learners = d.pop("learners")

        _made = cls(
            from_percent=from_percent,
            to_percent=to_percent,
            learners=learners,
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
