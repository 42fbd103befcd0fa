from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Alternative")


@_attrs_define
class Alternative:
    """The position of another device.

    Attributes:
        device_id (str):
        watch_time (float):
        last_watched (datetime.datetime):
        age_seconds (float):
    """

    device_id: str
    watch_time: float
    last_watched: datetime.datetime
    age_seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        device_id = self.device_id

        watch_time = self.watch_time

        last_watched = self.last_watched.isoformat()

        age_seconds = self.age_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "device_id": device_id,
                "watch_time": watch_time,
                "last_watched": last_watched,
                "age_seconds": age_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        device_id = d.pop("device_id")

        watch_time = d.pop("watch_time")

        last_watched = datetime.datetime.fromisoformat(d.pop("last_watched"))

        age_seconds = d.pop("age_seconds")

        _made = cls(
            device_id=device_id,
            watch_time=watch_time,
            last_watched=last_watched,
            age_seconds=age_seconds,
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
