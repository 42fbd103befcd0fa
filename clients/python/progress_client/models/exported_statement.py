from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportedStatement")


@_attrs_define
class ExportedStatement:
    """A statement as it was sent to a learning record store.

    Attributes:
        kind (Literal['xapi_statement']):
        statement_id (str):
        material_id (str):
        statement (Any):
    """

    kind: Literal["xapi_statement"]
    statement_id: str
    material_id: str
    statement: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        statement_id = self.statement_id

        material_id = self.material_id

        statement = self.statement

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "statement_id": statement_id,
                "material_id": material_id,
                "statement": statement,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["xapi_statement"], d.pop("kind"))
        if kind != "xapi_statement":
            raise ValueError(f"kind must match const 'xapi_statement', got '{kind}'")

        statement_id = d.pop("statement_id")

        material_id = d.pop("material_id")

        statement = d.pop("statement")

        _made = cls(
            kind=kind,
            statement_id=statement_id,
            material_id=material_id,
            statement=statement,
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
