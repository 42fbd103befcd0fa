from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="VideoIds")


@_attrs_define
class VideoIds:
    """The videos to look up.

    Attributes:
        video_ids (list[str]): Unknown and malformed ids are returned as `unavailable`.
    """

    video_ids: list[str]

    def to_dict(self) -> dict[str, Any]:
        video_ids = self.video_ids

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "video_ids": video_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        video_ids = cast(list[str], d.pop("video_ids"))

        _made = cls(
            video_ids=video_ids,
        )

        return _made
