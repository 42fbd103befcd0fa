from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.material_body import MaterialBody


T = TypeVar("T", bound="CourseBody")


@_attrs_define
class CourseBody:
    """A course with its materials.

    Attributes:
        title (str):
        teacher_ids (list[str]):
        course_id (None | str | Unset):
        complete_at_percent (float | None | Unset):
        materials (list[MaterialBody] | Unset): Default: `[]`.
    """

    title: str
    teacher_ids: list[str]
    course_id: None | str | Unset = UNSET
    complete_at_percent: float | None | Unset = UNSET
    materials: list[MaterialBody] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        teacher_ids = self.teacher_ids

        course_id: None | str | Unset
        if isinstance(self.course_id, Unset):
            course_id = UNSET
        else:
            course_id = self.course_id

        complete_at_percent: float | None | Unset
        if isinstance(self.complete_at_percent, Unset):
            complete_at_percent = UNSET
        else:
            complete_at_percent = self.complete_at_percent

        materials: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.materials, Unset):
            materials = []
            for materials_item_data in self.materials:
                materials_item = materials_item_data.to_dict()
                materials.append(materials_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "title": title,
                "teacher_ids": teacher_ids,
            }
        )
        if course_id is not UNSET:
            field_dict["course_id"] = course_id
        if complete_at_percent is not UNSET:
            field_dict["complete_at_percent"] = complete_at_percent
        if materials is not UNSET:
            field_dict["materials"] = materials

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.material_body import MaterialBody  # noqa: PLC0415

        d = dict(src_dict)
        title = d.pop("title")

        teacher_ids = cast(list[str], d.pop("teacher_ids"))

        def _parse_course_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        course_id = _parse_course_id(d.pop("course_id", UNSET))

        def _parse_complete_at_percent(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        complete_at_percent = _parse_complete_at_percent(
            d.pop("complete_at_percent", UNSET)
        )

        _materials = d.pop("materials", UNSET)
        materials: list[MaterialBody] | Unset = UNSET
        if _materials is not UNSET:
            materials = []
            for materials_item_data in _materials:
                materials_item = MaterialBody.from_dict(materials_item_data)

                materials.append(materials_item)

        _made = cls(
            title=title,
            teacher_ids=teacher_ids,
            course_id=course_id,
            complete_at_percent=complete_at_percent,
            materials=materials,
        )

        return _made
