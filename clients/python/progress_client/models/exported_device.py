from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportedDevice")


@_attrs_define
class ExportedDevice:
    """The newest position on a device.

    Attributes:
        device_id (str):
        watch_time (float):
        observed_at (datetime.datetime):
        session_id (None | str):
        furthest_time (float | None):
        played_seconds (float | None):
        playing (bool):
    """

    device_id: str
    watch_time: float
    observed_at: datetime.datetime
    session_id: None | str
    furthest_time: float | None
    played_seconds: float | None
    playing: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        device_id = self.device_id

        watch_time = self.watch_time

        observed_at = self.observed_at.isoformat()

        session_id: None | str
        session_id = self.session_id

        furthest_time: float | None
        furthest_time = self.furthest_time

        played_seconds: float | None
        played_seconds = self.played_seconds

        playing = self.playing

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "device_id": device_id,
                "watch_time": watch_time,
                "observed_at": observed_at,
                "session_id": session_id,
                "furthest_time": furthest_time,
                "played_seconds": played_seconds,
                "playing": playing,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        device_id = d.pop("device_id")

        watch_time = d.pop("watch_time")

        observed_at = datetime.datetime.fromisoformat(d.pop("observed_at"))

        def _parse_session_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        session_id = _parse_session_id(d.pop("session_id"))

        def _parse_furthest_time(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        furthest_time = _parse_furthest_time(d.pop("furthest_time"))

        def _parse_played_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        played_seconds = _parse_played_seconds(d.pop("played_seconds"))

        playing = d.pop("playing")

        _made = cls(
            device_id=device_id,
            watch_time=watch_time,
            observed_at=observed_at,
            session_id=session_id,
            furthest_time=furthest_time,
            played_seconds=played_seconds,
            playing=playing,
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
