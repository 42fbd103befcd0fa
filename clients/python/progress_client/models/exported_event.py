from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.exported_event_kind import ExportedEventKind

if TYPE_CHECKING:
    from ..models.exported_event_data import ExportedEventData


T = TypeVar("T", bound="ExportedEvent")


@_attrs_define
class ExportedEvent:
    """Something other systems are notified of, or one delivery of it.

    Attributes:
        kind (ExportedEventKind):
        event_id (str):
        type_ (str):
        occurred_at (datetime.datetime):
        data (ExportedEventData):
        created_at (datetime.datetime):
    """

    kind: ExportedEventKind
    event_id: str
    type_: str
    occurred_at: datetime.datetime
    data: ExportedEventData
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        event_id = self.event_id

        type_ = self.type_

        occurred_at = self.occurred_at.isoformat()

        data = self.data.to_dict()

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "event_id": event_id,
                "type": type_,
                "occurred_at": occurred_at,
                "data": data,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.exported_event_data import ExportedEventData  # noqa: PLC0415

        d = dict(src_dict)
        kind = ExportedEventKind(d.pop("kind"))

        event_id = d.pop("event_id")

        type_ = d.pop("type")

        occurred_at = datetime.datetime.fromisoformat(d.pop("occurred_at"))

        data = ExportedEventData.from_dict(d.pop("data"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        _made = cls(
            kind=kind,
            event_id=event_id,
            type_=type_,
            occurred_at=occurred_at,
            data=data,
            created_at=created_at,
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
