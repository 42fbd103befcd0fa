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

T = TypeVar("T", bound="CompletedFrame")


@_attrs_define
class CompletedFrame:
    """A video was completed.

    Attributes:
        type_ (Literal['completed']):
        video_id (str):
        completed_at (datetime.datetime):
        cursor (str):
    """

    type_: Literal["completed"]
    video_id: str
    completed_at: datetime.datetime
    cursor: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        video_id = self.video_id

        completed_at = self.completed_at.isoformat()

        cursor = self.cursor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "videoId": video_id,
                "completedAt": completed_at,
                "cursor": cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["completed"], d.pop("type"))
        if type_ != "completed":
            raise ValueError(f"type must match const 'completed', got '{type_}'")

        video_id = d.pop("videoId")

        completed_at = datetime.datetime.fromisoformat(d.pop("completedAt"))

        cursor = d.pop("cursor")

        _made = cls(
            type_=type_,
            video_id=video_id,
            completed_at=completed_at,
            cursor=cursor,
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
