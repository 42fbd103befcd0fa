from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.completions_of_day import CompletionsOfDay
    from ..models.course_learners import CourseLearners
    from ..models.progress_tenth import ProgressTenth
    from ..models.recent_week import RecentWeek
    from ..models.video_row import VideoRow


T = TypeVar("T", bound="CourseAnalytics")


@_attrs_define
class CourseAnalytics:
    """A course and everyone in it, in aggregate.

    Attributes:
        as_of (datetime.datetime | None):
        definition_version (int): Of the definitions of the numbers.
        min_learners (int): Numbers distinguish no fewer learners than this. With 1, each is exact.
        cohort (None | str):
        cohorts (list[str]): The published cohorts: they and the rest of the class have enough viewers.
        suppressed (bool): True where too few viewers watched to publish any number.
        course_id (str):
        title (str):
        learners (CourseLearners): Learners of the course who are enrolled now.
        last_7_days (RecentWeek): The seven days up to `as_of`.
        progress_histogram (list[ProgressTenth]):
        completions_per_day (list[CompletionsOfDay]):
        materials (list[VideoRow]): One for each video, in course order.
    """

    as_of: datetime.datetime | None
    definition_version: int
    min_learners: int
    cohort: None | str
    cohorts: list[str]
    suppressed: bool
    course_id: str
    title: str
    learners: CourseLearners
    last_7_days: RecentWeek
    progress_histogram: list[ProgressTenth]
    completions_per_day: list[CompletionsOfDay]
    materials: list[VideoRow]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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

        course_id = self.course_id

        title = self.title

        learners = self.learners.to_dict()

        last_7_days = self.last_7_days.to_dict()

        progress_histogram = []
        for progress_histogram_item_data in self.progress_histogram:
            progress_histogram_item = progress_histogram_item_data.to_dict()
            progress_histogram.append(progress_histogram_item)

        completions_per_day = []
        for completions_per_day_item_data in self.completions_per_day:
            completions_per_day_item = completions_per_day_item_data.to_dict()
            completions_per_day.append(completions_per_day_item)

        materials = []
        for materials_item_data in self.materials:
            materials_item = materials_item_data.to_dict()
            materials.append(materials_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "as_of": as_of,
                "definition_version": definition_version,
                "min_learners": min_learners,
                "cohort": cohort,
                "cohorts": cohorts,
                "suppressed": suppressed,
                "course_id": course_id,
                "title": title,
                "learners": learners,
                "last_7_days": last_7_days,
                "progress_histogram": progress_histogram,
                "completions_per_day": completions_per_day,
                "materials": materials,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.completions_of_day import CompletionsOfDay  # noqa: PLC0415
        from ..models.course_learners import CourseLearners  # noqa: PLC0415
        from ..models.progress_tenth import ProgressTenth  # noqa: PLC0415
        from ..models.recent_week import RecentWeek  # noqa: PLC0415
        from ..models.video_row import VideoRow  # noqa: PLC0415

        d = dict(src_dict)

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

        course_id = d.pop("course_id")

        title = d.pop("title")

        learners = CourseLearners.from_dict(d.pop("learners"))

        last_7_days = RecentWeek.from_dict(d.pop("last_7_days"))

        progress_histogram = []
        _progress_histogram = d.pop("progress_histogram")
        for progress_histogram_item_data in _progress_histogram:
            progress_histogram_item = ProgressTenth.from_dict(
                progress_histogram_item_data
            )

            progress_histogram.append(progress_histogram_item)

        completions_per_day = []
        _completions_per_day = d.pop("completions_per_day")
        for completions_per_day_item_data in _completions_per_day:
            completions_per_day_item = CompletionsOfDay.from_dict(
                completions_per_day_item_data
            )

            completions_per_day.append(completions_per_day_item)

        materials = []
        _materials = d.pop("materials")
        for materials_item_data in _materials:
            materials_item = VideoRow.from_dict(materials_item_data)

            materials.append(materials_item)

        _made = cls(
            as_of=as_of,
            definition_version=definition_version,
            min_learners=min_learners,
            cohort=cohort,
            cohorts=cohorts,
            suppressed=suppressed,
            course_id=course_id,
            title=title,
            learners=learners,
            last_7_days=last_7_days,
            progress_histogram=progress_histogram,
            completions_per_day=completions_per_day,
            materials=materials,
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
