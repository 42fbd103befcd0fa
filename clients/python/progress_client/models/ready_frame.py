from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ReadyFrame")


@_attrs_define
class ReadyFrame:
    """The token is accepted. The changes after `since` follow, then each change as it happens.

    Attributes:
        type_ (Literal['ready']):
        cursor (str):
        heartbeat_seconds (int): The longest time between two frames of the service.
    """

    type_: Literal["ready"]
    cursor: str
    heartbeat_seconds: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        cursor = self.cursor

        heartbeat_seconds = self.heartbeat_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "cursor": cursor,
                "heartbeat_seconds": heartbeat_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["ready"], d.pop("type"))
        if type_ != "ready":
            raise ValueError(f"type must match const 'ready', got '{type_}'")

        cursor = d.pop("cursor")

        heartbeat_seconds = d.pop("heartbeat_seconds")

        _made = cls(
            type_=type_,
            cursor=cursor,
            heartbeat_seconds=heartbeat_seconds,
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
