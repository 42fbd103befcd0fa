from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.statuses_progress import StatusesProgress


T = TypeVar("T", bound="Statuses")


@_attrs_define
class Statuses:
    """A status for each video that the student may watch, without `watched_spans`.

    Attributes:
        progress (StatusesProgress):
        unavailable (list[str]): Ids that are unknown, malformed, or of a course without an enrolment.
    """

    progress: StatusesProgress
    unavailable: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        progress = self.progress.to_dict()

        unavailable = self.unavailable

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "progress": progress,
                "unavailable": unavailable,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.statuses_progress import StatusesProgress  # noqa: PLC0415

        d = dict(src_dict)
        progress = StatusesProgress.from_dict(d.pop("progress"))

        unavailable = cast(list[str], d.pop("unavailable"))

        _made = cls(
            progress=progress,
            unavailable=unavailable,
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
