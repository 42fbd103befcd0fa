from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.chapter_body import ChapterBody
    from ..models.segment_body import SegmentBody


T = TypeVar("T", bound="MaterialResponse")


@_attrs_define
class MaterialResponse:
    """A material as stored.

    Attributes:
        material_id (str):
        type_ (str): `video`, `reading`, or another word; only videos have a position and a length.
        title (str):
        module (None | str):
        duration_seconds (float | None):
        source_url (None | str):
        required (bool): Whether it counts towards the course total.
        complete_at_percent (float | None):
        chapters (list[ChapterBody]):
        intro (None | SegmentBody):
        outro (None | SegmentBody):
    """

    material_id: str
    type_: str
    title: str
    module: None | str
    duration_seconds: float | None
    source_url: None | str
    required: bool
    complete_at_percent: float | None
    chapters: list[ChapterBody]
    intro: None | SegmentBody
    outro: None | SegmentBody

    def to_dict(self) -> dict[str, Any]:
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

        material_id = self.material_id

        type_ = self.type_

        title = self.title

        module: None | str
        module = self.module

        duration_seconds: float | None
        duration_seconds = self.duration_seconds

        source_url: None | str
        source_url = self.source_url

        required = self.required

        complete_at_percent: float | None
        complete_at_percent = self.complete_at_percent

        chapters = []
        for chapters_item_data in self.chapters:
            chapters_item = chapters_item_data.to_dict()
            chapters.append(chapters_item)

        intro: dict[str, Any] | None
        if isinstance(self.intro, SegmentBody):
            intro = self.intro.to_dict()
        else:
            intro = self.intro

        outro: dict[str, Any] | None
        if isinstance(self.outro, SegmentBody):
            outro = self.outro.to_dict()
        else:
            outro = self.outro

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "material_id": material_id,
                "type": type_,
                "title": title,
                "module": module,
                "duration_seconds": duration_seconds,
                "source_url": source_url,
                "required": required,
                "complete_at_percent": complete_at_percent,
                "chapters": chapters,
                "intro": intro,
                "outro": outro,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chapter_body import ChapterBody  # noqa: PLC0415
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

        d = dict(src_dict)
        material_id = d.pop("material_id")

        type_ = d.pop("type")

        title = d.pop("title")

        def _parse_module(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        module = _parse_module(d.pop("module"))

        def _parse_duration_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_seconds = _parse_duration_seconds(d.pop("duration_seconds"))

        def _parse_source_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_url = _parse_source_url(d.pop("source_url"))

        required = d.pop("required")

        def _parse_complete_at_percent(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        complete_at_percent = _parse_complete_at_percent(d.pop("complete_at_percent"))

        chapters = []
        _chapters = d.pop("chapters")
        for chapters_item_data in _chapters:
            chapters_item = ChapterBody.from_dict(chapters_item_data)

            chapters.append(chapters_item)

        def _parse_intro(data: object) -> None | SegmentBody:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_nullable_segment_body_type_0 = SegmentBody.from_dict(
                    data
                )

                return componentsschemas_nullable_segment_body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SegmentBody, data)

        intro = _parse_intro(d.pop("intro"))

        def _parse_outro(data: object) -> None | SegmentBody:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_nullable_segment_body_type_0 = SegmentBody.from_dict(
                    data
                )

                return componentsschemas_nullable_segment_body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SegmentBody, data)

        outro = _parse_outro(d.pop("outro"))

        _made = cls(
            material_id=material_id,
            type_=type_,
            title=title,
            module=module,
            duration_seconds=duration_seconds,
            source_url=source_url,
            required=required,
            complete_at_percent=complete_at_percent,
            chapters=chapters,
            intro=intro,
            outro=outro,
        )

        return _made
