from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SegmentBody")


@_attrs_define
class SegmentBody:
    """An intro or outro.

    Attributes:
        start_seconds (float):
        end_seconds (float):
    """

    start_seconds: float
    end_seconds: float

    def to_dict(self) -> dict[str, Any]:
        start_seconds = self.start_seconds

        end_seconds = self.end_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "start_seconds": start_seconds,
                "end_seconds": end_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        start_seconds = d.pop("start_seconds")

        end_seconds = d.pop("end_seconds")

        _made = cls(
            start_seconds=start_seconds,
            end_seconds=end_seconds,
        )

        return _made
