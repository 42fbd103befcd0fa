from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.listed_materials import ListedMaterials


T = TypeVar("T", bound="ListedCourse")


@_attrs_define
class ListedCourse:
    """A course of the student, as in lists.

    Attributes:
        course_id (str):
        title (str):
        overall_progress (float): The same as in `getCourseProgress`.
        materials (ListedMaterials): The number of materials, and how many are completed.
        last_watched (datetime.datetime | None):
        completed_at (datetime.datetime | None):
    """

    course_id: str
    title: str
    overall_progress: float
    materials: ListedMaterials
    last_watched: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        title = self.title

        overall_progress = self.overall_progress

        materials = self.materials.to_dict()

        last_watched: None | str
        if isinstance(self.last_watched, datetime.datetime):
            last_watched = self.last_watched.isoformat()
        else:
            last_watched = self.last_watched

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "course_id": course_id,
                "title": title,
                "overall_progress": overall_progress,
                "materials": materials,
                "last_watched": last_watched,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.listed_materials import ListedMaterials  # noqa: PLC0415

        d = dict(src_dict)
        course_id = d.pop("course_id")

        title = d.pop("title")

        overall_progress = d.pop("overall_progress")

        materials = ListedMaterials.from_dict(d.pop("materials"))

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

        _made = cls(
            course_id=course_id,
            title=title,
            overall_progress=overall_progress,
            materials=materials,
            last_watched=last_watched,
            completed_at=completed_at,
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
