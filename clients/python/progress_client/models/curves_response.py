from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CurvesResponse")


@_attrs_define
class CurvesResponse:
    """One number for each of `min(100, ceil(length))` equal parts; empty if suppressed.

    A learner has seen a part when at least half of it is in the learner's spans.

        Attributes:
            part_seconds (float):
            retention (list[float]): Share of viewers who have seen the part.
            heat (list[int]): Sessions that played the part.
            replays (list[int]): `heat` without the first view of each viewer.
            survival (list[float]): Share of viewers whose furthest position is at the end of the part or beyond.
            exits (list[float]): Share of viewers who have not completed the video, and whose newest position lies in the
                part.
    """

    part_seconds: float
    retention: list[float]
    heat: list[int]
    replays: list[int]
    survival: list[float]
    exits: list[float]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        part_seconds = self.part_seconds

        retention = self.retention

        heat = self.heat

        replays = self.replays

        survival = self.survival

        exits = self.exits

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "part_seconds": part_seconds,
                "retention": retention,
                "heat": heat,
                "replays": replays,
                "survival": survival,
                "exits": exits,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        part_seconds = d.pop("part_seconds")

        retention = cast(list[float], d.pop("retention"))

        heat = cast(list[int], d.pop("heat"))

        replays = cast(list[int], d.pop("replays"))

        survival = cast(list[float], d.pop("survival"))

        exits = cast(list[float], d.pop("exits"))

        _made = cls(
            part_seconds=part_seconds,
            retention=retention,
            heat=heat,
            replays=replays,
            survival=survival,
            exits=exits,
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
