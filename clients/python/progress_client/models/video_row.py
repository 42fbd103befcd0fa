from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.drop_off_response import DropOffResponse
    from ..models.video_learners import VideoLearners


T = TypeVar("T", bound="VideoRow")


@_attrs_define
class VideoRow:
    """A video in the analytics of its course.

    Attributes:
        learners (VideoLearners): Learners of the course who are enrolled now.
        starts (int | None): Sessions with at least 1 s played.
        views (int | None): Sessions with at least 30 s played, or half of a shorter video.
        watch_seconds_total (float | None):
        average_watch_seconds_per_view (float | None):
        average_watch_seconds_per_viewer (float | None):
        average_percentage_viewed (float | None):
        completion_rate_of_viewers (float | None):
        completion_rate_of_enrolled (float | None):
        video_id (str):
        title (str):
        module (None | str):
        duration_seconds (float | None):
        as_of (datetime.datetime | None):
        suppressed (bool):
        worst_drop_off (DropOffResponse | None):
    """

    learners: VideoLearners
    starts: int | None
    views: int | None
    watch_seconds_total: float | None
    average_watch_seconds_per_view: float | None
    average_watch_seconds_per_viewer: float | None
    average_percentage_viewed: float | None
    completion_rate_of_viewers: float | None
    completion_rate_of_enrolled: float | None
    video_id: str
    title: str
    module: None | str
    duration_seconds: float | None
    as_of: datetime.datetime | None
    suppressed: bool
    worst_drop_off: DropOffResponse | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.drop_off_response import DropOffResponse  # noqa: PLC0415

        learners = self.learners.to_dict()

        starts: int | None
        starts = self.starts

        views: int | None
        views = self.views

        watch_seconds_total: float | None
        watch_seconds_total = self.watch_seconds_total

        average_watch_seconds_per_view: float | None
        average_watch_seconds_per_view = self.average_watch_seconds_per_view

        average_watch_seconds_per_viewer: float | None
        average_watch_seconds_per_viewer = self.average_watch_seconds_per_viewer

        average_percentage_viewed: float | None
        average_percentage_viewed = self.average_percentage_viewed

        completion_rate_of_viewers: float | None
        completion_rate_of_viewers = self.completion_rate_of_viewers

        completion_rate_of_enrolled: float | None
        completion_rate_of_enrolled = self.completion_rate_of_enrolled

        video_id = self.video_id

        title = self.title

        module: None | str
        module = self.module

        duration_seconds: float | None
        duration_seconds = self.duration_seconds

        as_of: None | str
        if isinstance(self.as_of, datetime.datetime):
            as_of = self.as_of.isoformat()
        else:
            as_of = self.as_of

        suppressed = self.suppressed

        worst_drop_off: dict[str, Any] | None
        if isinstance(self.worst_drop_off, DropOffResponse):
            worst_drop_off = self.worst_drop_off.to_dict()
        else:
            worst_drop_off = self.worst_drop_off

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "learners": learners,
                "starts": starts,
                "views": views,
                "watch_seconds_total": watch_seconds_total,
                "average_watch_seconds_per_view": average_watch_seconds_per_view,
                "average_watch_seconds_per_viewer": average_watch_seconds_per_viewer,
                "average_percentage_viewed": average_percentage_viewed,
                "completion_rate_of_viewers": completion_rate_of_viewers,
                "completion_rate_of_enrolled": completion_rate_of_enrolled,
                "video_id": video_id,
                "title": title,
                "module": module,
                "duration_seconds": duration_seconds,
                "as_of": as_of,
                "suppressed": suppressed,
                "worst_drop_off": worst_drop_off,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.drop_off_response import DropOffResponse  # noqa: PLC0415
        from ..models.video_learners import VideoLearners  # noqa: PLC0415

        d = dict(src_dict)
        learners = VideoLearners.from_dict(d.pop("learners"))

        def _parse_starts(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        starts = _parse_starts(d.pop("starts"))

        def _parse_views(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        views = _parse_views(d.pop("views"))

        def _parse_watch_seconds_total(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        watch_seconds_total = _parse_watch_seconds_total(d.pop("watch_seconds_total"))

        def _parse_average_watch_seconds_per_view(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        average_watch_seconds_per_view = _parse_average_watch_seconds_per_view(
            d.pop("average_watch_seconds_per_view")
        )

        def _parse_average_watch_seconds_per_viewer(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        average_watch_seconds_per_viewer = _parse_average_watch_seconds_per_viewer(
            d.pop("average_watch_seconds_per_viewer")
        )

        def _parse_average_percentage_viewed(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        average_percentage_viewed = _parse_average_percentage_viewed(
            d.pop("average_percentage_viewed")
        )

        def _parse_completion_rate_of_viewers(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        completion_rate_of_viewers = _parse_completion_rate_of_viewers(
            d.pop("completion_rate_of_viewers")
        )

        def _parse_completion_rate_of_enrolled(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        completion_rate_of_enrolled = _parse_completion_rate_of_enrolled(
            d.pop("completion_rate_of_enrolled")
        )

        video_id = d.pop("video_id")

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

        def _parse_as_of(data: object) -> datetime.datetime | None:
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

        as_of = _parse_as_of(d.pop("as_of"))

        suppressed = d.pop("suppressed")

        def _parse_worst_drop_off(data: object) -> DropOffResponse | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_nullable_drop_off_response_type_0 = (
                    DropOffResponse.from_dict(data)
                )

                return componentsschemas_nullable_drop_off_response_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DropOffResponse | None, data)

        worst_drop_off = _parse_worst_drop_off(d.pop("worst_drop_off"))

        _made = cls(
            learners=learners,
            starts=starts,
            views=views,
            watch_seconds_total=watch_seconds_total,
            average_watch_seconds_per_view=average_watch_seconds_per_view,
            average_watch_seconds_per_viewer=average_watch_seconds_per_viewer,
            average_percentage_viewed=average_percentage_viewed,
            completion_rate_of_viewers=completion_rate_of_viewers,
            completion_rate_of_enrolled=completion_rate_of_enrolled,
            video_id=video_id,
            title=title,
            module=module,
            duration_seconds=duration_seconds,
            as_of=as_of,
            suppressed=suppressed,
            worst_drop_off=worst_drop_off,
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
