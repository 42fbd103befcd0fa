from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WebhookResponse")


@_attrs_define
class WebhookResponse:
    """A webhook as stored. Its secret is not shown again.

    Attributes:
        webhook_id (str):
        url (str):
        events (list[str]):
        is_active (bool):
        disabled_reason (None | str):
        created_by (str): The `sub` of the service that registered it.
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
        previous_secret_valid_until (datetime.datetime | None):
    """

    webhook_id: str
    url: str
    events: list[str]
    is_active: bool
    disabled_reason: None | str
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    previous_secret_valid_until: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        webhook_id = self.webhook_id

        url = self.url

        events = self.events

        is_active = self.is_active

        disabled_reason: None | str
        disabled_reason = self.disabled_reason

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        previous_secret_valid_until: None | str
        if isinstance(self.previous_secret_valid_until, datetime.datetime):
            previous_secret_valid_until = self.previous_secret_valid_until.isoformat()
        else:
            previous_secret_valid_until = self.previous_secret_valid_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "webhook_id": webhook_id,
                "url": url,
                "events": events,
                "is_active": is_active,
                "disabled_reason": disabled_reason,
                "created_by": created_by,
                "created_at": created_at,
                "updated_at": updated_at,
                "previous_secret_valid_until": previous_secret_valid_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        webhook_id = d.pop("webhook_id")

        url = d.pop("url")

        events = cast(list[str], d.pop("events"))

        is_active = d.pop("is_active")

        def _parse_disabled_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        disabled_reason = _parse_disabled_reason(d.pop("disabled_reason"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_previous_secret_valid_until(
            data: object,
        ) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_nullable_time_type_0 = (
                    datetime.datetime.fromisoformat(data)
                )

                return componentsschemas_nullable_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        previous_secret_valid_until = _parse_previous_secret_valid_until(
            d.pop("previous_secret_valid_until")
        )

        _made = cls(
            webhook_id=webhook_id,
            url=url,
            events=events,
            is_active=is_active,
            disabled_reason=disabled_reason,
            created_by=created_by,
            created_at=created_at,
            updated_at=updated_at,
            previous_secret_valid_until=previous_secret_valid_until,
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
