from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.resume_response_reason import ResumeResponseReason

if TYPE_CHECKING:
    from ..models.alternative import Alternative
    from ..models.chapter_body import ChapterBody
    from ..models.next_material import NextMaterial
    from ..models.skip import Skip


T = TypeVar("T", bound="ResumeResponse")


@_attrs_define
class ResumeResponse:
    """Where to resume a video.

    Attributes:
        resume_at (float): Where to start, in seconds.
        reason (ResumeResponseReason): `start`: never watched. `resume`: the newest position, rewound. `chapter`: the
            start of a chapter that was just begun. `intro`: the end of the intro. `replay`: completed; from the start.
            `rewatch`: at the end, and unmarked since; from the start. `gap`: the first unwatched gap. `next`: at the end;
            continue with `next`. `shortened`: the position lies beyond the current end of the video; the first unwatched
            gap, else the start, or continue with `next`. `further`: another device was further.
        rewind_seconds (float): Seconds before the exact position.
        watch_time (float): The exact position, in seconds.
        chapter (ChapterBody | None):
        skip (Skip): The segments that a player may offer to skip.
        alternatives (list[Alternative]): Other devices' positions, newest first.
        next_ (NextMaterial | None):
    """

    resume_at: float
    reason: ResumeResponseReason
    rewind_seconds: float
    watch_time: float
    chapter: ChapterBody | None
    skip: Skip
    alternatives: list[Alternative]
    next_: NextMaterial | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.chapter_body import ChapterBody  # noqa: PLC0415
        from ..models.next_material import NextMaterial  # noqa: PLC0415

        resume_at = self.resume_at

        reason = self.reason.value

        rewind_seconds = self.rewind_seconds

        watch_time = self.watch_time

        chapter: dict[str, Any] | None
        if isinstance(self.chapter, ChapterBody):
            chapter = self.chapter.to_dict()
        else:
            chapter = self.chapter

        skip = self.skip.to_dict()

        alternatives = []
        for alternatives_item_data in self.alternatives:
            alternatives_item = alternatives_item_data.to_dict()
            alternatives.append(alternatives_item)

        next_: dict[str, Any] | None
        if isinstance(self.next_, NextMaterial):
            next_ = self.next_.to_dict()
        else:
            next_ = self.next_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "resume_at": resume_at,
                "reason": reason,
                "rewind_seconds": rewind_seconds,
                "watch_time": watch_time,
                "chapter": chapter,
                "skip": skip,
                "alternatives": alternatives,
                "next": next_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.alternative import Alternative  # noqa: PLC0415
        from ..models.chapter_body import ChapterBody  # noqa: PLC0415
        from ..models.next_material import NextMaterial  # noqa: PLC0415
        from ..models.skip import Skip  # noqa: PLC0415

        d = dict(src_dict)
        resume_at = d.pop("resume_at")

        reason = ResumeResponseReason(d.pop("reason"))

        rewind_seconds = d.pop("rewind_seconds")

        watch_time = d.pop("watch_time")

        def _parse_chapter(data: object) -> ChapterBody | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_nullable_chapter_body_type_0 = ChapterBody.from_dict(
                    data
                )

                return componentsschemas_nullable_chapter_body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChapterBody | None, data)

        chapter = _parse_chapter(d.pop("chapter"))

        skip = Skip.from_dict(d.pop("skip"))

        alternatives = []
        _alternatives = d.pop("alternatives")
        for alternatives_item_data in _alternatives:
            alternatives_item = Alternative.from_dict(alternatives_item_data)

            alternatives.append(alternatives_item)

        def _parse_next_(data: object) -> NextMaterial | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_nullable_next_material_type_0 = (
                    NextMaterial.from_dict(data)
                )

                return componentsschemas_nullable_next_material_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NextMaterial | None, data)

        next_ = _parse_next_(d.pop("next"))

        _made = cls(
            resume_at=resume_at,
            reason=reason,
            rewind_seconds=rewind_seconds,
            watch_time=watch_time,
            chapter=chapter,
            skip=skip,
            alternatives=alternatives,
            next_=next_,
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
