from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.event_body import EventBody


T = TypeVar("T", bound="EventsBody")


@_attrs_define
class EventsBody:
    """Offline reports. Each event is checked by itself.

    Attributes:
        sent_at (datetime.datetime): The client's clock at this attempt; event times are corrected by its offset.
        events (list[EventBody]):
    """

    sent_at: datetime.datetime
    events: list[EventBody]

    def to_dict(self) -> dict[str, Any]:
        sent_at = self.sent_at.isoformat()

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sent_at": sent_at,
                "events": events,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.event_body import EventBody  # noqa: PLC0415

        d = dict(src_dict)
        sent_at = datetime.datetime.fromisoformat(d.pop("sent_at"))

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = EventBody.from_dict(events_item_data)

            events.append(events_item)

        _made = cls(
            sent_at=sent_at,
            events=events,
        )

        return _made
