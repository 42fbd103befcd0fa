from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.curves_response import CurvesResponse
    from ..models.drop_off_response import DropOffResponse
    from ..models.replay_peak_response import ReplayPeakResponse
    from ..models.video_learners import VideoLearners


T = TypeVar("T", bound="VideoAnalytics")


@_attrs_define
class VideoAnalytics:
    """A video and everyone who watches it, in aggregate.

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
        as_of (datetime.datetime | None):
        definition_version (int): Of the definitions of the numbers.
        min_learners (int): Numbers distinguish no fewer learners than this. With 1, each is exact.
        cohort (None | str):
        cohorts (list[str]): The published cohorts: they and the rest of the class have enough viewers.
        suppressed (bool): True where too few viewers watched to publish any number.
        video_id (str):
        course_id (str):
        title (str):
        duration_seconds (float | None):
        curves (CurvesResponse): One number for each of `min(100, ceil(length))` equal parts; empty if suppressed.

            A learner has seen a part when at least half of it is in the learner's spans.
        drop_offs (list[DropOffResponse]):
        replay_peaks (list[ReplayPeakResponse]):
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
    as_of: datetime.datetime | None
    definition_version: int
    min_learners: int
    cohort: None | str
    cohorts: list[str]
    suppressed: bool
    video_id: str
    course_id: str
    title: str
    duration_seconds: float | None
    curves: CurvesResponse
    drop_offs: list[DropOffResponse]
    replay_peaks: list[ReplayPeakResponse]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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

        as_of: None | str
        if isinstance(self.as_of, datetime.datetime):
            as_of = self.as_of.isoformat()
        else:
            as_of = self.as_of

        definition_version = self.definition_version

        min_learners = self.min_learners

        cohort: None | str
        cohort = self.cohort

        cohorts = self.cohorts

        suppressed = self.suppressed

        video_id = self.video_id

        course_id = self.course_id

        title = self.title

        duration_seconds: float | None
        duration_seconds = self.duration_seconds

        curves = self.curves.to_dict()

        drop_offs = []
        for drop_offs_item_data in self.drop_offs:
            drop_offs_item = drop_offs_item_data.to_dict()
            drop_offs.append(drop_offs_item)

        replay_peaks = []
        for replay_peaks_item_data in self.replay_peaks:
            replay_peaks_item = replay_peaks_item_data.to_dict()
            replay_peaks.append(replay_peaks_item)

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
                "as_of": as_of,
                "definition_version": definition_version,
                "min_learners": min_learners,
                "cohort": cohort,
                "cohorts": cohorts,
                "suppressed": suppressed,
                "video_id": video_id,
                "course_id": course_id,
                "title": title,
                "duration_seconds": duration_seconds,
                "curves": curves,
                "drop_offs": drop_offs,
                "replay_peaks": replay_peaks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.curves_response import CurvesResponse  # noqa: PLC0415
        from ..models.drop_off_response import DropOffResponse  # noqa: PLC0415
        from ..models.replay_peak_response import ReplayPeakResponse  # noqa: PLC0415
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

        definition_version = d.pop("definition_version")

        min_learners = d.pop("min_learners")

        def _parse_cohort(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cohort = _parse_cohort(d.pop("cohort"))

        cohorts = cast(list[str], d.pop("cohorts"))

        suppressed = d.pop("suppressed")

        video_id = d.pop("video_id")

        course_id = d.pop("course_id")

        title = d.pop("title")

        def _parse_duration_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_seconds = _parse_duration_seconds(d.pop("duration_seconds"))

        curves = CurvesResponse.from_dict(d.pop("curves"))

        drop_offs = []
        _drop_offs = d.pop("drop_offs")
        for drop_offs_item_data in _drop_offs:
            drop_offs_item = DropOffResponse.from_dict(drop_offs_item_data)

            drop_offs.append(drop_offs_item)

        replay_peaks = []
        _replay_peaks = d.pop("replay_peaks")
        for replay_peaks_item_data in _replay_peaks:
            replay_peaks_item = ReplayPeakResponse.from_dict(replay_peaks_item_data)

            replay_peaks.append(replay_peaks_item)

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
            as_of=as_of,
            definition_version=definition_version,
            min_learners=min_learners,
            cohort=cohort,
            cohorts=cohorts,
            suppressed=suppressed,
            video_id=video_id,
            course_id=course_id,
            title=title,
            duration_seconds=duration_seconds,
            curves=curves,
            drop_offs=drop_offs,
            replay_peaks=replay_peaks,
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
