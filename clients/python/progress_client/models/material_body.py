from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.chapter_body import ChapterBody
    from ..models.segment_body import SegmentBody


T = TypeVar("T", bound="MaterialBody")


@_attrs_define
class MaterialBody:
    """One material; the order of the list is the order of the course.

    Attributes:
        material_id (str):
        type_ (str): `video`, `reading`, or another word; only videos have a position and a length.
        title (str):
        module (None | str | Unset):
        duration_seconds (float | None | Unset):
        source_url (None | str | Unset):
        required (bool | Unset): Whether it counts towards the course total. Default: `true`.
        complete_at_percent (float | None | Unset):
        chapters (list[ChapterBody] | Unset): Default: `[]`.
        intro (None | SegmentBody | Unset):
        outro (None | SegmentBody | Unset):
    """

    material_id: str
    type_: str
    title: str
    module: None | str | Unset = UNSET
    duration_seconds: float | None | Unset = UNSET
    source_url: None | str | Unset = UNSET
    required: bool | Unset = UNSET
    complete_at_percent: float | None | Unset = UNSET
    chapters: list[ChapterBody] | Unset = UNSET
    intro: None | SegmentBody | Unset = UNSET
    outro: None | SegmentBody | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

        material_id = self.material_id

        type_ = self.type_

        title = self.title

        module: None | str | Unset
        if isinstance(self.module, Unset):
            module = UNSET
        else:
            module = self.module

        duration_seconds: float | None | Unset
        if isinstance(self.duration_seconds, Unset):
            duration_seconds = UNSET
        else:
            duration_seconds = self.duration_seconds

        source_url: None | str | Unset
        if isinstance(self.source_url, Unset):
            source_url = UNSET
        else:
            source_url = self.source_url

        required = self.required

        complete_at_percent: float | None | Unset
        if isinstance(self.complete_at_percent, Unset):
            complete_at_percent = UNSET
        else:
            complete_at_percent = self.complete_at_percent

        chapters: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.chapters, Unset):
            chapters = []
            for chapters_item_data in self.chapters:
                chapters_item = chapters_item_data.to_dict()
                chapters.append(chapters_item)

        intro: dict[str, Any] | None | Unset
        if isinstance(self.intro, Unset):
            intro = UNSET
        elif isinstance(self.intro, SegmentBody):
            intro = self.intro.to_dict()
        else:
            intro = self.intro

        outro: dict[str, Any] | None | Unset
        if isinstance(self.outro, Unset):
            outro = UNSET
        elif isinstance(self.outro, SegmentBody):
            outro = self.outro.to_dict()
        else:
            outro = self.outro

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "material_id": material_id,
                "type": type_,
                "title": title,
            }
        )
        if module is not UNSET:
            field_dict["module"] = module
        if duration_seconds is not UNSET:
            field_dict["duration_seconds"] = duration_seconds
        if source_url is not UNSET:
            field_dict["source_url"] = source_url
        if required is not UNSET:
            field_dict["required"] = required
        if complete_at_percent is not UNSET:
            field_dict["complete_at_percent"] = complete_at_percent
        if chapters is not UNSET:
            field_dict["chapters"] = chapters
        if intro is not UNSET:
            field_dict["intro"] = intro
        if outro is not UNSET:
            field_dict["outro"] = outro

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chapter_body import ChapterBody  # noqa: PLC0415
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

        d = dict(src_dict)
        material_id = d.pop("material_id")

        type_ = d.pop("type")

        title = d.pop("title")

        def _parse_module(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        module = _parse_module(d.pop("module", UNSET))

        def _parse_duration_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        duration_seconds = _parse_duration_seconds(d.pop("duration_seconds", UNSET))

        def _parse_source_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_url = _parse_source_url(d.pop("source_url", UNSET))

        required = d.pop("required", UNSET)

        def _parse_complete_at_percent(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        complete_at_percent = _parse_complete_at_percent(
            d.pop("complete_at_percent", UNSET)
        )

        _chapters = d.pop("chapters", UNSET)
        chapters: list[ChapterBody] | Unset = UNSET
        if _chapters is not UNSET:
            chapters = []
            for chapters_item_data in _chapters:
                chapters_item = ChapterBody.from_dict(chapters_item_data)

                chapters.append(chapters_item)

        def _parse_intro(data: object) -> None | SegmentBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
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
            return cast(None | SegmentBody | Unset, data)

        intro = _parse_intro(d.pop("intro", UNSET))

        def _parse_outro(data: object) -> None | SegmentBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
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
            return cast(None | SegmentBody | Unset, data)

        outro = _parse_outro(d.pop("outro", UNSET))

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
