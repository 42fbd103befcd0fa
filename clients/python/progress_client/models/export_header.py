from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportHeader")


@_attrs_define
class ExportHeader:
    """The first line of an export.

    Attributes:
        kind (Literal['export']):
        student_id (str):
        exported_at (datetime.datetime):
        version (int): Of this format.
    """

    kind: Literal["export"]
    student_id: str
    exported_at: datetime.datetime
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        student_id = self.student_id

        exported_at = self.exported_at.isoformat()

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "student_id": student_id,
                "exported_at": exported_at,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["export"], d.pop("kind"))
        if kind != "export":
            raise ValueError(f"kind must match const 'export', got '{kind}'")

        student_id = d.pop("student_id")

        exported_at = datetime.datetime.fromisoformat(d.pop("exported_at"))

        version = d.pop("version")

        _made = cls(
            kind=kind,
            student_id=student_id,
            exported_at=exported_at,
            version=version,
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
