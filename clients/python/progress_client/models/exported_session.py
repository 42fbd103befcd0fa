from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportedSession")


@_attrs_define
class ExportedSession:
    """What was played from opening a video to closing it.

    Attributes:
        session_id (None | str):
        observed_at (datetime.datetime):
        played_seconds (float):
        spans (list[list[float]]):
    """

    session_id: None | str
    observed_at: datetime.datetime
    played_seconds: float
    spans: list[list[float]]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        session_id: None | str
        session_id = self.session_id

        observed_at = self.observed_at.isoformat()

        played_seconds = self.played_seconds

        spans = []
        for spans_item_data in self.spans:
            spans_item = spans_item_data

            spans.append(spans_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "session_id": session_id,
                "observed_at": observed_at,
                "played_seconds": played_seconds,
                "spans": spans,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_session_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        session_id = _parse_session_id(d.pop("session_id"))

        observed_at = datetime.datetime.fromisoformat(d.pop("observed_at"))

        played_seconds = d.pop("played_seconds")

        spans = []
        _spans = d.pop("spans")
        for spans_item_data in _spans:
            spans_item = cast(list[float], spans_item_data)

            spans.append(spans_item)

        _made = cls(
            session_id=session_id,
            observed_at=observed_at,
            played_seconds=played_seconds,
            spans=spans,
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
