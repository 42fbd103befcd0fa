from __future__ import annotations

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

T = TypeVar("T", bound="ReadyFrame")


@_attrs_define
class ReadyFrame:
    """You are in. What changed after `since` follows, then each change as it happens.

    Attributes:
        cursor (str):
        type_ (Literal['ready'] | Unset):  Default: 'ready'.
        heartbeat_seconds (int | Unset): At least this often something comes, if only a heartbeat. Default: 25.
    """

    cursor: str
    type_: Literal["ready"] | Unset = "ready"
    heartbeat_seconds: int | Unset = 25
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cursor = self.cursor

        type_ = self.type_

        heartbeat_seconds = self.heartbeat_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cursor": cursor,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if heartbeat_seconds is not UNSET:
            field_dict["heartbeat_seconds"] = heartbeat_seconds

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        cursor = d.pop("cursor")

        type_ = cast(Literal["ready"] | Unset, d.pop("type", UNSET))
        if type_ != "ready" and not isinstance(type_, Unset):
            raise ValueError(f"type must match const 'ready', got '{type_}'")

        heartbeat_seconds = d.pop("heartbeat_seconds", UNSET)

        ready_frame = cls(
            cursor=cursor,
            type_=type_,
            heartbeat_seconds=heartbeat_seconds,
        )

        ready_frame.additional_properties = d
        return ready_frame

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
