from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="StudentIds")


@_attrs_define
class StudentIds:
    """Students to enrol.

    Attributes:
        student_ids (list[str]):
    """

    student_ids: list[str]

    def to_dict(self) -> dict[str, Any]:
        student_ids = self.student_ids

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "student_ids": student_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        student_ids = cast(list[str], d.pop("student_ids"))

        _made = cls(
            student_ids=student_ids,
        )

        return _made
