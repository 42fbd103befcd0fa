from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChapterBody")


@_attrs_define
class ChapterBody:
    """A chapter of a video; it lasts until the next one starts.

    Attributes:
        start_seconds (float):
        title (str):
    """

    start_seconds: float
    title: str

    def to_dict(self) -> dict[str, Any]:
        start_seconds = self.start_seconds

        title = self.title

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "start_seconds": start_seconds,
                "title": title,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        start_seconds = d.pop("start_seconds")

        title = d.pop("title")

        _made = cls(
            start_seconds=start_seconds,
            title=title,
        )

        return _made
