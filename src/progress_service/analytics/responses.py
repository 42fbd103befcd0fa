"""Measures → wire shapes."""

from __future__ import annotations

from progress_service.analytics.schemas import (
    CompletionsOfDay,
    CourseAnalytics,
    CourseLearners,
    CurvesResponse,
    DropOffResponse,
    ProgressTenth,
    RecentWeek,
    ReplayPeakResponse,
    VideoAnalytics,
    VideoLearners,
    VideoRow,
    VideoTotals,
)
from progress_service.analytics.service import MeasuredCourse, MeasuredVideo
from progress_service.domain.class_measures import DEFINITION_VERSION, VideoMeasures
from progress_service.domain.course_counts import TENTHS


def to_video(measured: MeasuredVideo, *, cohort: str | None, k: int) -> VideoAnalytics:
    """The wire shape of one video."""
    measures = measured.measures
    return VideoAnalytics(
        **_totals(measures),
        video_id=measured.video.material_id,
        course_id=measured.course.course_id,
        title=measured.video.title,
        as_of=measured.as_of,
        definition_version=DEFINITION_VERSION,
        min_learners=k,
        cohort=cohort,
        cohorts=measured.cohorts,
        suppressed=measures.suppressed,
        duration_seconds=measured.duration_seconds,
        curves=CurvesResponse.model_validate(measures.curves, from_attributes=True),
        drop_offs=tuple(map(_drop_off, measures.drop_offs)),
        replay_peaks=tuple(
            ReplayPeakResponse.model_validate(peak, from_attributes=True)
            for peak in measures.replay_peaks
        ),
    )


def to_course(measured: MeasuredCourse, *, cohort: str | None, k: int) -> CourseAnalytics:
    """The wire shape of a course."""
    measures = measured.measures
    tenth = 100 // TENTHS
    return CourseAnalytics(
        course_id=measured.course.course_id,
        title=measured.course.title,
        as_of=measured.as_of,
        definition_version=DEFINITION_VERSION,
        min_learners=k,
        cohort=cohort,
        cohorts=measured.cohorts,
        suppressed=measures.suppressed,
        learners=CourseLearners(
            enrolled=measures.enrolled, started=measures.started, completed=measures.completed
        ),
        last_7_days=RecentWeek(active=measures.active, completed_a_material=measures.finishing),
        progress_histogram=tuple(
            ProgressTenth(from_percent=i * tenth, to_percent=(i + 1) * tenth, learners=number)
            for i, number in enumerate(measures.tenths)
        ),
        completions_per_day=tuple(
            CompletionsOfDay(date=date, learners=number) for date, number in measures.completed_on
        ),
        materials=tuple(map(_row, measured.videos)),
    )


def _row(measured: MeasuredVideo) -> VideoRow:
    measures = measured.measures
    return VideoRow(
        **_totals(measures),
        video_id=measured.video.material_id,
        title=measured.video.title,
        module=measured.video.module,
        duration_seconds=measured.duration_seconds,
        as_of=measured.as_of,
        suppressed=measures.suppressed,
        worst_drop_off=_drop_off(measures.drop_offs[0]) if measures.drop_offs else None,
    )


def _drop_off(point: object) -> DropOffResponse:
    return DropOffResponse.model_validate(point, from_attributes=True)


def _totals(measures: VideoMeasures) -> dict[str, object]:
    totals = VideoTotals.model_validate(
        {
            **{name: getattr(measures, name, None) for name in VideoTotals.model_fields},
            "learners": VideoLearners.model_validate(measures, from_attributes=True),
        }
    )
    return {name: getattr(totals, name) for name in VideoTotals.model_fields}
