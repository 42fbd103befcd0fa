from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.progress_frame import ProgressFrame


T = TypeVar("T", bound="Changes")


@_attrs_define
class Changes:
    """The states that changed since a cursor, oldest change first.

    Attributes:
        cursor (str): The `since` of the next request.
        changes (list[ProgressFrame]):
    """

    cursor: str
    changes: list[ProgressFrame]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cursor = self.cursor

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cursor": cursor,
                "changes": changes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.progress_frame import ProgressFrame  # noqa: PLC0415

        d = dict(src_dict)
        cursor = d.pop("cursor")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = ProgressFrame.from_dict(changes_item_data)

            changes.append(changes_item)

        _made = cls(
            cursor=cursor,
            changes=changes,
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
