from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.preferences_body_history import PreferencesBodyHistory

T = TypeVar("T", bound="PreferencesBody")


@_attrs_define
class PreferencesBody:
    """What the student chooses.

    Attributes:
        history (PreferencesBodyHistory): `paused`: reports are confirmed as always, and only completions are stored.
    """

    history: PreferencesBodyHistory

    def to_dict(self) -> dict[str, Any]:
        history = self.history.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "history": history,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        history = PreferencesBodyHistory(d.pop("history"))

        _made = cls(
            history=history,
        )

        return _made
