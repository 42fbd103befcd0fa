from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Status")


@_attrs_define
class Status:
    """A student's status in a video, with the watched spans.

    Attributes:
        watch_time (float): The newest position, in seconds.
        total_duration (float): Seconds.
        progress_percentage (float): 0–100, two decimals.
        last_watched (datetime.datetime | None):
        completed (bool): Stays true when the video is watched again.
        completed_at (datetime.datetime | None):
        complete_at_percent (float):
        watched_seconds (float): Seconds really played, each counted once.
        watched_spans (list[list[float]]): Spans really played, as `[start, end]` in seconds.
    """

    watch_time: float
    total_duration: float
    progress_percentage: float
    last_watched: datetime.datetime | None
    completed: bool
    completed_at: datetime.datetime | None
    complete_at_percent: float
    watched_seconds: float
    watched_spans: list[list[float]]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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

        complete_at_percent = self.complete_at_percent

        watched_seconds = self.watched_seconds

        watched_spans = []
        for watched_spans_item_data in self.watched_spans:
            watched_spans_item = watched_spans_item_data

            watched_spans.append(watched_spans_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "watch_time": watch_time,
                "total_duration": total_duration,
                "progress_percentage": progress_percentage,
                "last_watched": last_watched,
                "completed": completed,
                "completed_at": completed_at,
                "complete_at_percent": complete_at_percent,
                "watched_seconds": watched_seconds,
                "watched_spans": watched_spans,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
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

        complete_at_percent = d.pop("complete_at_percent")

        watched_seconds = d.pop("watched_seconds")

        watched_spans = []
        _watched_spans = d.pop("watched_spans")
        for watched_spans_item_data in _watched_spans:
            watched_spans_item = cast(list[float], watched_spans_item_data)

            watched_spans.append(watched_spans_item)

        _made = cls(
            watch_time=watch_time,
            total_duration=total_duration,
            progress_percentage=progress_percentage,
            last_watched=last_watched,
            completed=completed,
            completed_at=completed_at,
            complete_at_percent=complete_at_percent,
            watched_seconds=watched_seconds,
            watched_spans=watched_spans,
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
