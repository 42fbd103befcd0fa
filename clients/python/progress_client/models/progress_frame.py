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

T = TypeVar("T", bound="ProgressFrame")


@_attrs_define
class ProgressFrame:
    """The state of one video, or other material, of the student.

    Attributes:
        type_ (Literal['progress']):
        video_id (str):
        watch_time (float):
        total_duration (float):
        progress_percentage (float):
        completed (bool):
        watched_seconds (float):
        last_watched (datetime.datetime | None):
        device_id (None | str):
        cursor (str):
    """

    type_: Literal["progress"]
    video_id: str
    watch_time: float
    total_duration: float
    progress_percentage: float
    completed: bool
    watched_seconds: float
    last_watched: datetime.datetime | None
    device_id: None | str
    cursor: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        video_id = self.video_id

        watch_time = self.watch_time

        total_duration = self.total_duration

        progress_percentage = self.progress_percentage

        completed = self.completed

        watched_seconds = self.watched_seconds

        last_watched: None | str
        if isinstance(self.last_watched, datetime.datetime):
            last_watched = self.last_watched.isoformat()
        else:
            last_watched = self.last_watched

        device_id: None | str
        device_id = self.device_id

        cursor = self.cursor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "videoId": video_id,
                "watchTime": watch_time,
                "totalDuration": total_duration,
                "progressPercentage": progress_percentage,
                "completed": completed,
                "watchedSeconds": watched_seconds,
                "lastWatched": last_watched,
                "deviceId": device_id,
                "cursor": cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["progress"], d.pop("type"))
        if type_ != "progress":
            raise ValueError(f"type must match const 'progress', got '{type_}'")

        video_id = d.pop("videoId")

        watch_time = d.pop("watchTime")

        total_duration = d.pop("totalDuration")

        progress_percentage = d.pop("progressPercentage")

        completed = d.pop("completed")

        watched_seconds = d.pop("watchedSeconds")

        def _parse_last_watched(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_nullable_time_type_0 = (
                    datetime.datetime.fromisoformat(data)
                )

                return componentsschemas_nullable_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_watched = _parse_last_watched(d.pop("lastWatched"))

        def _parse_device_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        device_id = _parse_device_id(d.pop("deviceId"))

        cursor = d.pop("cursor")

        _made = cls(
            type_=type_,
            video_id=video_id,
            watch_time=watch_time,
            total_duration=total_duration,
            progress_percentage=progress_percentage,
            completed=completed,
            watched_seconds=watched_seconds,
            last_watched=last_watched,
            device_id=device_id,
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
