from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AuthFrame")


@_attrs_define
class AuthFrame:
    """The first frame of a client, within 5 s; a later one renews the token.

    Attributes:
        type_ (Literal['auth']):
        token (str):
        device_id (None | str | Unset):
        since (None | str | Unset):
    """

    type_: Literal["auth"]
    token: str
    device_id: None | str | Unset = UNSET
    since: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        token = self.token

        device_id: None | str | Unset
        if isinstance(self.device_id, Unset):
            device_id = UNSET
        else:
            device_id = self.device_id

        since: None | str | Unset
        if isinstance(self.since, Unset):
            since = UNSET
        else:
            since = self.since

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "token": token,
            }
        )
        if device_id is not UNSET:
            field_dict["device_id"] = device_id
        if since is not UNSET:
            field_dict["since"] = since

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["auth"], d.pop("type"))
        if type_ != "auth":
            raise ValueError(f"type must match const 'auth', got '{type_}'")

        token = d.pop("token")

        def _parse_device_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        device_id = _parse_device_id(d.pop("device_id", UNSET))

        def _parse_since(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        since = _parse_since(d.pop("since", UNSET))

        _made = cls(
            type_=type_,
            token=token,
            device_id=device_id,
            since=since,
        )

        return _made
