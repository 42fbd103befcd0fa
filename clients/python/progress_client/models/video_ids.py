from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="VideoIds")


@_attrs_define
class VideoIds:
    """The videos to look up.

    Attributes:
        video_ids (list[str]): Ids that name no video, malformed ones included, come back as `unavailable`.
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
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        video_ids = cast(list[str], d.pop("video_ids"))

        video_ids = cls(
            video_ids=video_ids,
        )

        return video_ids
