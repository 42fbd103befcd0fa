from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.material_response import MaterialResponse


T = TypeVar("T", bound="CourseResponse")


@_attrs_define
class CourseResponse:
    """A course as stored.

    Attributes:
        course_id (str):
        title (str):
        teacher_ids (list[str]):
        complete_at_percent (float | None):
        materials (list[MaterialResponse]):
    """

    course_id: str
    title: str
    teacher_ids: list[str]
    complete_at_percent: float | None
    materials: list[MaterialResponse]

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        title = self.title

        teacher_ids = self.teacher_ids

        complete_at_percent: float | None
        complete_at_percent = self.complete_at_percent

        materials = []
        for materials_item_data in self.materials:
            materials_item = materials_item_data.to_dict()
            materials.append(materials_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "course_id": course_id,
                "title": title,
                "teacher_ids": teacher_ids,
                "complete_at_percent": complete_at_percent,
                "materials": materials,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.material_response import MaterialResponse  # noqa: PLC0415

        d = dict(src_dict)
        course_id = d.pop("course_id")

        title = d.pop("title")

        teacher_ids = cast(list[str], d.pop("teacher_ids"))

        def _parse_complete_at_percent(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        complete_at_percent = _parse_complete_at_percent(d.pop("complete_at_percent"))

        materials = []
        _materials = d.pop("materials")
        for materials_item_data in _materials:
            materials_item = MaterialResponse.from_dict(materials_item_data)

            materials.append(materials_item)

        _made = cls(
            course_id=course_id,
            title=title,
            teacher_ids=teacher_ids,
            complete_at_percent=complete_at_percent,
            materials=materials,
        )

        return _made
