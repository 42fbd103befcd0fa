from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ImportRowBody")


@_attrs_define
class ImportRowBody:
    """What another system knows of one student and one material.

    A row has a position (`watch_time`, `total_duration` and `observed_at`), a `completed_at`, or
    both. Readings have no position.

        Attributes:
            student_id (str):
            video_id (str): Of a video; with `completed_at` alone, of any material.
            watch_time (float | None | Unset):
            total_duration (float | None | Unset):
            observed_at (datetime.datetime | None | Unset):
            completed_at (datetime.datetime | None | Unset):
    """

    student_id: str
    video_id: str
    watch_time: float | None | Unset = UNSET
    total_duration: float | None | Unset = UNSET
    observed_at: datetime.datetime | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        student_id = self.student_id

        video_id = self.video_id

        watch_time: float | None | Unset
        if isinstance(self.watch_time, Unset):
            watch_time = UNSET
        else:
            watch_time = self.watch_time

        total_duration: float | None | Unset
        if isinstance(self.total_duration, Unset):
            total_duration = UNSET
        else:
            total_duration = self.total_duration

        observed_at: None | str | Unset
        if isinstance(self.observed_at, Unset):
            observed_at = UNSET
        elif isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        completed_at: None | str | Unset
        if isinstance(self.completed_at, Unset):
            completed_at = UNSET
        elif isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "student_id": student_id,
                "video_id": video_id,
            }
        )
        if watch_time is not UNSET:
            field_dict["watch_time"] = watch_time
        if total_duration is not UNSET:
            field_dict["total_duration"] = total_duration
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at
        if completed_at is not UNSET:
            field_dict["completed_at"] = completed_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        student_id = d.pop("student_id")

        video_id = d.pop("video_id")

        def _parse_watch_time(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        watch_time = _parse_watch_time(d.pop("watch_time", UNSET))

        def _parse_total_duration(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        total_duration = _parse_total_duration(d.pop("total_duration", UNSET))

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

        def _parse_completed_at(data: object) -> datetime.datetime | None | Unset:
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

        completed_at = _parse_completed_at(d.pop("completed_at", UNSET))

        _made = cls(
            student_id=student_id,
            video_id=video_id,
            watch_time=watch_time,
            total_duration=total_duration,
            observed_at=observed_at,
            completed_at=completed_at,
        )

        return _made
