from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.exported_device import ExportedDevice
    from ..models.exported_session import ExportedSession


T = TypeVar("T", bound="ExportedProgress")


@_attrs_define
class ExportedProgress:
    """A record: one material.

    Attributes:
        kind (Literal['progress']):
        material_id (str):
        watch_time (float):
        total_duration (float):
        progress_percentage (float):
        last_watched (datetime.datetime | None):
        completed (bool):
        completed_at (datetime.datetime | None):
        watched_seconds (float):
        watched_spans (list[list[float]]):
        devices (list[ExportedDevice]):
        sessions (list[ExportedSession]):
        stored_at (datetime.datetime | None):
    """

    kind: Literal["progress"]
    material_id: str
    watch_time: float
    total_duration: float
    progress_percentage: float
    last_watched: datetime.datetime | None
    completed: bool
    completed_at: datetime.datetime | None
    watched_seconds: float
    watched_spans: list[list[float]]
    devices: list[ExportedDevice]
    sessions: list[ExportedSession]
    stored_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        material_id = self.material_id

        watch_time = self.watch_time

        total_duration = self.total_duration

        progress_percentage = self.progress_percentage

        last_watched: None | str
        if isinstance(self.last_watched, datetime.datetime):
            last_watched = self.last_watched.isoformat()
        else:
            last_watched = self.last_watched

        completed = self.completed

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        watched_seconds = self.watched_seconds

        watched_spans = []
        for watched_spans_item_data in self.watched_spans:
            watched_spans_item = watched_spans_item_data

            watched_spans.append(watched_spans_item)

        devices = []
        for devices_item_data in self.devices:
            devices_item = devices_item_data.to_dict()
            devices.append(devices_item)

        sessions = []
        for sessions_item_data in self.sessions:
            sessions_item = sessions_item_data.to_dict()
            sessions.append(sessions_item)

        stored_at: None | str
        if isinstance(self.stored_at, datetime.datetime):
            stored_at = self.stored_at.isoformat()
        else:
            stored_at = self.stored_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "material_id": material_id,
                "watch_time": watch_time,
                "total_duration": total_duration,
                "progress_percentage": progress_percentage,
                "last_watched": last_watched,
                "completed": completed,
                "completed_at": completed_at,
                "watched_seconds": watched_seconds,
                "watched_spans": watched_spans,
                "devices": devices,
                "sessions": sessions,
                "stored_at": stored_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exported_device import ExportedDevice  # noqa: PLC0415
        from ..models.exported_session import ExportedSession  # noqa: PLC0415

        d = dict(src_dict)
        kind = cast(Literal["progress"], d.pop("kind"))
        if kind != "progress":
            raise ValueError(f"kind must match const 'progress', got '{kind}'")

        material_id = d.pop("material_id")

        watch_time = d.pop("watch_time")

        total_duration = d.pop("total_duration")

        progress_percentage = d.pop("progress_percentage")

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

        last_watched = _parse_last_watched(d.pop("last_watched"))

        completed = d.pop("completed")

        def _parse_completed_at(data: object) -> datetime.datetime | None:
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

        completed_at = _parse_completed_at(d.pop("completed_at"))

        watched_seconds = d.pop("watched_seconds")

        watched_spans = []
        _watched_spans = d.pop("watched_spans")
        for watched_spans_item_data in _watched_spans:
            watched_spans_item = cast(list[float], watched_spans_item_data)

            watched_spans.append(watched_spans_item)

        devices = []
        _devices = d.pop("devices")
        for devices_item_data in _devices:
            devices_item = ExportedDevice.from_dict(devices_item_data)

            devices.append(devices_item)

        sessions = []
        _sessions = d.pop("sessions")
        for sessions_item_data in _sessions:
            sessions_item = ExportedSession.from_dict(sessions_item_data)

            sessions.append(sessions_item)

        def _parse_stored_at(data: object) -> datetime.datetime | None:
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

        stored_at = _parse_stored_at(d.pop("stored_at"))

        _made = cls(
            kind=kind,
            material_id=material_id,
            watch_time=watch_time,
            total_duration=total_duration,
            progress_percentage=progress_percentage,
            last_watched=last_watched,
            completed=completed,
            completed_at=completed_at,
            watched_seconds=watched_seconds,
            watched_spans=watched_spans,
            devices=devices,
            sessions=sessions,
            stored_at=stored_at,
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
