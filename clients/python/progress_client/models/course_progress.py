from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.course_progress_videos import CourseProgressVideos
    from ..models.material_totals import MaterialTotals


T = TypeVar("T", bound="CourseProgress")


@_attrs_define
class CourseProgress:
    """A student's progress in a course.

    Attributes:
        course_id (str):
        student_id (str):
        overall_progress (float): Mean over the required materials: 100 if completed, else the furthest percentage below
            the threshold. 100 only if all are completed.
        materials (MaterialTotals): The number of materials, and which are completed.
        videos (CourseProgressVideos): A status for each video of the course, without `watched_spans`.
        last_watched (datetime.datetime | None):
        completed_at (datetime.datetime | None):
    """

    course_id: str
    student_id: str
    overall_progress: float
    materials: MaterialTotals
    videos: CourseProgressVideos
    last_watched: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        course_id = self.course_id

        student_id = self.student_id

        overall_progress = self.overall_progress

        materials = self.materials.to_dict()

        videos = self.videos.to_dict()

        last_watched: None | str
        if isinstance(self.last_watched, datetime.datetime):
            last_watched = self.last_watched.isoformat()
        else:
            last_watched = self.last_watched

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "course_id": course_id,
                "student_id": student_id,
                "overall_progress": overall_progress,
                "materials": materials,
                "videos": videos,
                "last_watched": last_watched,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.course_progress_videos import CourseProgressVideos  # noqa: PLC0415
        from ..models.material_totals import MaterialTotals  # noqa: PLC0415

        d = dict(src_dict)
        course_id = d.pop("course_id")

        student_id = d.pop("student_id")

        overall_progress = d.pop("overall_progress")

        materials = MaterialTotals.from_dict(d.pop("materials"))

        videos = CourseProgressVideos.from_dict(d.pop("videos"))

        def _parse_last_watched(data: object) -> datetime.datetime | None:
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

        last_watched = _parse_last_watched(d.pop("last_watched"))

        def _parse_completed_at(data: object) -> datetime.datetime | None:
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

        completed_at = _parse_completed_at(d.pop("completed_at"))

        _made = cls(
            course_id=course_id,
            student_id=student_id,
            overall_progress=overall_progress,
            materials=materials,
            videos=videos,
            last_watched=last_watched,
            completed_at=completed_at,
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
