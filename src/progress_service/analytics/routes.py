"""HTTP routes for analytics: a course and its videos, over all learners."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AfterValidator, Field

from progress_service.analytics.responses import to_course, to_video
from progress_service.analytics.schemas import CourseAnalytics, VideoAnalytics
from progress_service.analytics.service import AnalyticsService
from progress_service.analytics.tables import CourseTable, VideoTable, course_csv, video_csv
from progress_service.catalog.ids import CourseId, VideoId
from progress_service.domain.cohorts import COHORT_DETAIL, COHORT_PATTERN, is_cohort
from progress_service.edge.callers import Editor
from progress_service.edge.csv import CSV, CSV_CONTENT, prefers_csv
from progress_service.edge.error_responses import error_responses
from progress_service.edge.services import provided
from progress_service.edge.token_verifier import Principal

router = APIRouter(prefix="/api/progress/analytics", tags=["analytics"])

Service = Annotated[AnalyticsService, Depends(provided(AnalyticsService))]


def _iso_week(text: str) -> str:
    if not is_cohort(text):
        raise ValueError(COHORT_DETAIL)
    return text


# The pattern is only for the OpenAPI document; as an error message it is unreadable.
_Week = Annotated[
    str, AfterValidator(_iso_week), Field(json_schema_extra={"pattern": COHORT_PATTERN})
]
Cohort = Annotated[
    _Week | None,
    Query(
        description="Only learners who were enrolled in that ISO week; see `cohorts`.",
        examples=["2026-W47"],
    ),
]
Accept = Annotated[str, Header(include_in_schema=False)]
_CSV_CONTENT: dict[int | str, dict[str, Any]] = {200: {"content": CSV_CONTENT}}


@router.get(
    "/video/{video_id}",
    response_model=VideoAnalytics,
    responses={**error_responses(404), **_CSV_CONTENT},
    summary="Get a video's analytics",
)
async def get_video_analytics(
    video_id: VideoId,
    editor: Editor,
    service: Service,
    cohort: Cohort = None,
    table: Annotated[VideoTable, Query(description="The table of a CSV response.")] = "curves",
    accept: Accept = "",
) -> VideoAnalytics | Response:
    """How everyone watches a video, for the teachers of its course and for services.

    With `Accept: text/csv` the response is one table.
    """
    measured = await service.video(video_id, cohort=cohort, teacher_id=_teacher_id(editor))
    video = to_video(measured, cohort=cohort, k=service.min_learners)
    return _csv(video_csv(video, table)) if prefers_csv(accept) else video


@router.get(
    "/course/{course_id}",
    response_model=CourseAnalytics,
    responses={**error_responses(404), **_CSV_CONTENT},
    summary="Get a course's analytics",
)
async def get_course_analytics(
    course_id: CourseId,
    editor: Editor,
    service: Service,
    cohort: Cohort = None,
    table: Annotated[CourseTable, Query(description="The table of a CSV response.")] = "materials",
    accept: Accept = "",
) -> CourseAnalytics | Response:
    """How everyone gets on in a course, for its teachers and for services.

    With `Accept: text/csv` the response is one table.
    """
    measured = await service.course(course_id, cohort=cohort, teacher_id=_teacher_id(editor))
    course = to_course(measured, cohort=cohort, k=service.min_learners)
    return _csv(course_csv(course, table)) if prefers_csv(accept) else course


def _teacher_id(editor: Principal) -> str | None:
    """The teacher to check; ``None`` for a service."""
    return None if "service" in editor.roles else editor.id


def _csv(text: str) -> Response:
    return Response(text, media_type=CSV, headers={"Vary": "Accept"})
