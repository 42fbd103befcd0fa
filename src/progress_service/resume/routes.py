"""HTTP routes for resuming a video, and for the cards to continue with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from progress_service.catalog.ids import CourseId, VideoId
from progress_service.catalog.schemas import ChapterBody, SegmentBody
from progress_service.domain.continue_watching import Card
from progress_service.domain.continue_watching import Reason as CardReason
from progress_service.domain.progress import DevicePosition
from progress_service.domain.resume import Reason
from progress_service.edge.callers import Student
from progress_service.edge.error_responses import error_responses
from progress_service.edge.services import provided
from progress_service.resume.service import ResumePoint, ResumeService

router = APIRouter(prefix="/api/progress", tags=["resume"])


Service = Annotated[ResumeService, Depends(provided(ResumeService))]


class Skip(BaseModel):
    """The segments that a player may offer to skip."""

    intro: SegmentBody | None
    outro: SegmentBody | None


class Alternative(BaseModel):
    """The position of another device."""

    device_id: str
    watch_time: float
    last_watched: datetime
    age_seconds: float


class NextMaterial(BaseModel):
    """The next material that is not completed."""

    material_id: str
    title: str
    type: str


class ResumeResponse(BaseModel):
    """Where to resume a video."""

    resume_at: float = Field(description="Where to start, in seconds.", examples=[115.5])
    reason: Reason = Field(
        description="`start`: never watched. `resume`: the newest position, rewound. `chapter`: "
        "the start of a chapter that was just begun. `intro`: the end of the intro. `replay`: "
        "completed; from the start. `rewatch`: at the end, and unmarked since; from the start. "
        "`gap`: the first unwatched gap. `next`: at the end; continue with `next`. `shortened`: "
        "the position lies beyond the current end of the video; the first unwatched gap, else "
        "the start, or continue with `next`. `further`: another device was further."
    )
    rewind_seconds: float = Field(description="Seconds before the exact position.", examples=[10.0])
    watch_time: float = Field(description="The exact position, in seconds.", examples=[125.5])
    chapter: ChapterBody | None = Field(description="The chapter that contains `resume_at`.")
    skip: Skip
    alternatives: list[Alternative] = Field(description="Other devices' positions, newest first.")
    next: NextMaterial | None


class ContinueItem(BaseModel):
    """A card: what to continue with in a course."""

    course_id: str = Field(examples=["demo"])
    material_id: str = Field(examples=["welcome"])
    title: str = Field(examples=["Welcome to the course"])
    reason: CardReason
    watch_time: float = Field(examples=[42.0])
    total_duration: float = Field(examples=[90.0])
    progress_percentage: float = Field(examples=[46.67])
    last_watched: datetime | None = Field(description="UTC; null if it was never watched.")


class ContinueWatching(BaseModel):
    """One card per course, newest activity first."""

    items: list[ContinueItem]


@router.get(
    "/video/{video_id}/resume", responses=error_responses(404), summary="Get where to resume"
)
async def get_resume(
    video_id: VideoId,
    student: Student,
    service: Service,
    skip_intro: Annotated[bool, Query(description="Start after the intro.")] = True,
) -> ResumeResponse:
    """The newest position, rewound by its age; or a better start, with its reason."""
    return _to_response(await service.video(student.id, video_id, skip_intro=skip_intro))


@router.get("/continue-watching", responses=error_responses(), summary="Get what to continue with")
async def get_continue_watching(
    student: Student,
    service: Service,
    limit: Annotated[int, Query(ge=1, le=50, examples=[10])] = 10,
) -> ContinueWatching:
    """The video in progress of each course, or the next material after a completed one."""
    cards = await service.cards(student.id, limit=limit)
    return ContinueWatching(items=[_to_item(card) for card in cards])


@router.put(
    "/continue-watching/{course_id}/dismissed",
    status_code=204,
    responses=error_responses(404),
    summary="Dismiss a card",
)
async def dismiss_card(course_id: CourseId, student: Student, service: Service) -> Response:
    """Hide the course's card until a new report or mark in the course. Changes no progress."""
    await service.dismiss(student.id, course_id, dismissed=True)
    return Response(status_code=204)


@router.delete(
    "/continue-watching/{course_id}/dismissed",
    status_code=204,
    responses=error_responses(404),
    summary="Restore a card",
)
async def restore_card(course_id: CourseId, student: Student, service: Service) -> Response:
    """Show the course's card again."""
    await service.dismiss(student.id, course_id, dismissed=False)
    return Response(status_code=204)


def _to_response(point: ResumePoint) -> ResumeResponse:
    video, found = point.video, point.found
    return ResumeResponse(
        resume_at=found.resume_at_seconds,
        reason=found.reason,
        rewind_seconds=found.rewind_seconds,
        watch_time=found.position_seconds,
        chapter=ChapterBody.model_validate(point.chapter, from_attributes=True)
        if point.chapter
        else None,
        skip=Skip.model_validate(
            {"intro": video.intro, "outro": video.outro}, from_attributes=True
        ),
        alternatives=[_to_alternative(position, point.now) for position in found.alternatives],
        next=NextMaterial.model_validate(point.next, from_attributes=True) if point.next else None,
    )


def _to_alternative(position: DevicePosition, now: datetime) -> Alternative:
    return Alternative(
        device_id=position.device_id,
        watch_time=position.position_seconds,
        last_watched=position.observed_at,
        age_seconds=max(0.0, round((now - position.observed_at).total_seconds(), 3)),
    )


def _to_item(card: Card) -> ContinueItem:
    return ContinueItem(
        course_id=card.course_id,
        material_id=card.material.material_id,
        title=card.material.title,
        reason=card.reason,
        watch_time=card.progress.position_seconds,
        total_duration=card.progress.duration_seconds or card.material.duration_seconds or 0.0,
        progress_percentage=card.progress.percent,
        last_watched=card.progress.observed_at,
    )
