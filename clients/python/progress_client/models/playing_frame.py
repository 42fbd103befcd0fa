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

T = TypeVar("T", bound="PlayingFrame")


@_attrs_define
class PlayingFrame:
    """Another device plays this video; valid for 30 s after `observedAt`.

    Attributes:
        type_ (Literal['playing']):
        video_id (str):
        device_id (str):
        watch_time (float):
        observed_at (datetime.datetime):
    """

    type_: Literal["playing"]
    video_id: str
    device_id: str
    watch_time: float
    observed_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        video_id = self.video_id

        device_id = self.device_id

        watch_time = self.watch_time

        observed_at = self.observed_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "videoId": video_id,
                "deviceId": device_id,
                "watchTime": watch_time,
                "observedAt": observed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["playing"], d.pop("type"))
        if type_ != "playing":
            raise ValueError(f"type must match const 'playing', got '{type_}'")

        video_id = d.pop("videoId")

        device_id = d.pop("deviceId")

        watch_time = d.pop("watchTime")

        observed_at = datetime.datetime.fromisoformat(d.pop("observedAt"))

        _made = cls(
            type_=type_,
            video_id=video_id,
            device_id=device_id,
            watch_time=watch_time,
            observed_at=observed_at,
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
