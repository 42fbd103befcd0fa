from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CatalogCourse")


@_attrs_define
class CatalogCourse:
    """A course as in lists, without its materials.

    Attributes:
        course_id (str):
        title (str):
        teacher_ids (list[str]):
        material_count (int):
    """

    course_id: str
    title: str
    teacher_ids: list[str]
    material_count: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        title = self.title

        teacher_ids = self.teacher_ids

        material_count = self.material_count

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "course_id": course_id,
                "title": title,
                "teacher_ids": teacher_ids,
                "material_count": material_count,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        course_id = d.pop("course_id")

        title = d.pop("title")

        teacher_ids = cast(list[str], d.pop("teacher_ids"))

        material_count = d.pop("material_count")

        _made = cls(
            course_id=course_id,
            title=title,
            teacher_ids=teacher_ids,
            material_count=material_count,
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
