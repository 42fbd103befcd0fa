from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.event_body_kind import EventBodyKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="EventBody")


@_attrs_define
class EventBody:
    """A report that a device stored, with an id that the device chose.

    Attributes:
        watch_time (float): The playhead, in seconds. Up to 1 s beyond `total_duration` counts as its end.
        total_duration (float): The length of the video, in seconds.
        event_id (str):
        video_id (str):
        observed_at (datetime.datetime | None | Unset):
        kind (EventBodyKind | Unset): Only `restart` may set a position below 3 s. Default: `heartbeat`.
        device_id (None | str | Unset):
        session_id (None | str | Unset):
        played (list[list[float]] | Unset): The spans played so far in this session, as `[start, end]` in seconds.
            Default: `[]`.
        played_seconds (float | None | Unset):
    """

    watch_time: float
    total_duration: float
    event_id: str
    video_id: str
    observed_at: datetime.datetime | None | Unset = UNSET
    kind: EventBodyKind | Unset = UNSET
    device_id: None | str | Unset = UNSET
    session_id: None | str | Unset = UNSET
    played: list[list[float]] | Unset = UNSET
    played_seconds: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        watch_time = self.watch_time

        total_duration = self.total_duration

        event_id = self.event_id

        video_id = self.video_id

        observed_at: None | str | Unset
        if isinstance(self.observed_at, Unset):
            observed_at = UNSET
        elif isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        device_id: None | str | Unset
        if isinstance(self.device_id, Unset):
            device_id = UNSET
        else:
            device_id = self.device_id

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        played: list[list[float]] | Unset = UNSET
        if not isinstance(self.played, Unset):
            played = []
            for played_item_data in self.played:
                played_item = played_item_data

                played.append(played_item)

        played_seconds: float | None | Unset
        if isinstance(self.played_seconds, Unset):
            played_seconds = UNSET
        else:
            played_seconds = self.played_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "watch_time": watch_time,
                "total_duration": total_duration,
                "event_id": event_id,
                "video_id": video_id,
            }
        )
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at
        if kind is not UNSET:
            field_dict["kind"] = kind
        if device_id is not UNSET:
            field_dict["device_id"] = device_id
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if played is not UNSET:
            field_dict["played"] = played
        if played_seconds is not UNSET:
            field_dict["played_seconds"] = played_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        watch_time = d.pop("watch_time")

        total_duration = d.pop("total_duration")

        event_id = d.pop("event_id")

        video_id = d.pop("video_id")

        def _parse_observed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
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
            return cast(datetime.datetime | None | Unset, data)

        observed_at = _parse_observed_at(d.pop("observed_at", UNSET))

        _kind = d.pop("kind", UNSET)
        kind: EventBodyKind | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = EventBodyKind(_kind)

        def _parse_device_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        device_id = _parse_device_id(d.pop("device_id", UNSET))

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        _played = d.pop("played", UNSET)
        played: list[list[float]] | Unset = UNSET
        if _played is not UNSET:
            played = []
            for played_item_data in _played:
                played_item = cast(list[float], played_item_data)

                played.append(played_item)

        def _parse_played_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        played_seconds = _parse_played_seconds(d.pop("played_seconds", UNSET))

        _made = cls(
            watch_time=watch_time,
            total_duration=total_duration,
            event_id=event_id,
            video_id=video_id,
            observed_at=observed_at,
            kind=kind,
            device_id=device_id,
            session_id=session_id,
            played=played,
            played_seconds=played_seconds,
        )

        return _made
