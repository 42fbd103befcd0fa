from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.continue_item_reason import ContinueItemReason

T = TypeVar("T", bound="ContinueItem")


@_attrs_define
class ContinueItem:
    """A card: what to continue with in a course.

    Attributes:
        course_id (str):
        material_id (str):
        title (str):
        reason (ContinueItemReason):
        watch_time (float):
        total_duration (float):
        progress_percentage (float):
        last_watched (datetime.datetime | None):
    """

    course_id: str
    material_id: str
    title: str
    reason: ContinueItemReason
    watch_time: float
    total_duration: float
    progress_percentage: float
    last_watched: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        material_id = self.material_id

        title = self.title

        reason = self.reason.value

        watch_time = self.watch_time

        total_duration = self.total_duration

        progress_percentage = self.progress_percentage

        last_watched: None | str
        if isinstance(self.last_watched, datetime.datetime):
            last_watched = self.last_watched.isoformat()
        else:
            last_watched = self.last_watched

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "course_id": course_id,
                "material_id": material_id,
                "title": title,
                "reason": reason,
                "watch_time": watch_time,
                "total_duration": total_duration,
                "progress_percentage": progress_percentage,
                "last_watched": last_watched,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        course_id = d.pop("course_id")

        material_id = d.pop("material_id")

        title = d.pop("title")

        reason = ContinueItemReason(d.pop("reason"))

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

        _made = cls(
            course_id=course_id,
            material_id=material_id,
            title=title,
            reason=reason,
            watch_time=watch_time,
            total_duration=total_duration,
            progress_percentage=progress_percentage,
            last_watched=last_watched,
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
