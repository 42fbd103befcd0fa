from __future__ import annotations

import datetime
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

T = TypeVar("T", bound="PlayingFrame")


@_attrs_define
class PlayingFrame:
    """Another device plays this, and was here; good until nothing more is heard for 30 s.

    Attributes:
        video_id (str):
        device_id (str):
        watch_time (float):
        observed_at (datetime.datetime):
        type_ (Literal['playing'] | Unset):  Default: 'playing'.
    """

    video_id: str
    device_id: str
    watch_time: float
    observed_at: datetime.datetime
    type_: Literal["playing"] | Unset = "playing"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        video_id = self.video_id

        device_id = self.device_id

        watch_time = self.watch_time

        observed_at = self.observed_at.isoformat()

        type_ = self.type_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "videoId": video_id,
                "deviceId": device_id,
                "watchTime": watch_time,
                "observedAt": observed_at,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        video_id = d.pop("videoId")

        device_id = d.pop("deviceId")

        watch_time = d.pop("watchTime")

        observed_at = datetime.datetime.fromisoformat(d.pop("observedAt"))

        type_ = cast(Literal["playing"] | Unset, d.pop("type", UNSET))
        if type_ != "playing" and not isinstance(type_, Unset):
            raise ValueError(f"type must match const 'playing', got '{type_}'")

        playing_frame = cls(
            video_id=video_id,
            device_id=device_id,
            watch_time=watch_time,
            observed_at=observed_at,
            type_=type_,
        )

        playing_frame.additional_properties = d
        return playing_frame

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
