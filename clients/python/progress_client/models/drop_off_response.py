from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DropOffResponse")


@_attrs_define
class DropOffResponse:
    """Where viewers left.

    Windows of 3 parts whose exits among those still there are at least 5 % and the median + 3
    median absolute deviations, and at least 5 learners (`min_learners` if that is more). The last
    5 % of the video is left out. Most viewers lost first.

        Attributes:
            at_seconds (float): The start of the part with the most exits.
            viewers_lost (int):
            share (float): Of the viewers who were still there.
            chapter (None | str):
    """

    at_seconds: float
    viewers_lost: int
    share: float
    chapter: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at_seconds = self.at_seconds

        viewers_lost = self.viewers_lost

        share = self.share

        chapter: None | str
        chapter = self.chapter

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at_seconds": at_seconds,
                "viewers_lost": viewers_lost,
                "share": share,
                "chapter": chapter,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at_seconds = d.pop("at_seconds")

        viewers_lost = d.pop("viewers_lost")

        share = d.pop("share")

        def _parse_chapter(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        chapter = _parse_chapter(d.pop("chapter"))

        _made = cls(
            at_seconds=at_seconds,
            viewers_lost=viewers_lost,
            share=share,
            chapter=chapter,
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
