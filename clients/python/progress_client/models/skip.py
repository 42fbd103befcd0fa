from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.segment_body import SegmentBody


T = TypeVar("T", bound="Skip")


@_attrs_define
class Skip:
    """The segments that a player may offer to skip.

    Attributes:
        intro (None | SegmentBody):
        outro (None | SegmentBody):
    """

    intro: None | SegmentBody
    outro: None | SegmentBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

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
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "intro": intro,
                "outro": outro,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.segment_body import SegmentBody  # noqa: PLC0415

        d = dict(src_dict)

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
            intro=intro,
            outro=outro,
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
