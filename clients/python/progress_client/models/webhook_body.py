from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.webhook_body_events_item import WebhookBodyEventsItem
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookBody")


@_attrs_define
class WebhookBody:
    """A receiver of events.

    Attributes:
        url (str): An https:// address outside of private networks, without user and fragment. Redirects are not
            followed.
        events (list[WebhookBodyEventsItem]): The types of the events to send.
        secret (None | str | Unset):
        is_active (bool | Unset): An inactive webhook gets no events; those that wait are sent later. Default: `true`.
    """

    url: str
    events: list[WebhookBodyEventsItem]
    secret: None | str | Unset = UNSET
    is_active: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.value
            events.append(events_item)

        secret: None | str | Unset
        if isinstance(self.secret, Unset):
            secret = UNSET
        else:
            secret = self.secret

        is_active = self.is_active

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
                "events": events,
            }
        )
        if secret is not UNSET:
            field_dict["secret"] = secret
        if is_active is not UNSET:
            field_dict["is_active"] = is_active

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = WebhookBodyEventsItem(events_item_data)

            events.append(events_item)

        def _parse_secret(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        secret = _parse_secret(d.pop("secret", UNSET))

        is_active = d.pop("is_active", UNSET)

        _made = cls(
            url=url,
            events=events,
            secret=secret,
            is_active=is_active,
        )

        return _made
