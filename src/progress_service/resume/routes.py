"""Where to go on, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from progress_service.catalog.schemas import ChapterBody, CourseId, StretchBody, VideoId
from progress_service.domain.continue_watching import Card
from progress_service.domain.continue_watching import Reason as CardReason
from progress_service.domain.progress import DevicePlace
from progress_service.domain.resume import Reason
from progress_service.edge.problems import answers
from progress_service.edge.rate_limit import LimitedStudent
from progress_service.resume.service import ResumePoint, ResumeService

router = APIRouter(prefix="/api/progress", tags=["resume"])


def _service(request: Request) -> ResumeService:
    service: ResumeService = request.app.state.resume
    return service


Service = Annotated[ResumeService, Depends(_service)]


class Skip(BaseModel):
    """What a player may offer to skip."""

    intro: StretchBody | None
    outro: StretchBody | None


class Alternative(BaseModel):
    """Where another device is."""

    device_id: str
    watch_time: float
    last_watched: datetime
    age_seconds: float


class NextMaterial(BaseModel):
    """The next material that is not done."""

    material_id: str
    title: str
    type: str


class ResumeAnswer(BaseModel):
    """Where to go on in a video."""

    resume_at: float = Field(description="Seconds to start at.", examples=[115.5])
    reason: Reason = Field(
        description="`start`: never watched. `resume`: the newest place, rewound. `chapter`: the "
        "start of a chapter just begun. `intro`: the end of the intro. `replay`: it is done. "
        "`rewatch`: at the end, and marked as open since; from the start. `gap`: the first "
        "unwatched stretch. `next`: at the end; go on with `next`. `shortened`: the place lies "
        "beyond the end of today's video; the first unwatched stretch, else the start, or go on "
        "with `next`. `further`: another device was further on."
    )
    rewind_seconds: float = Field(description="How far before the exact place.", examples=[10.0])
    watch_time: float = Field(description="The exact place.", examples=[125.5])
    chapter: ChapterBody | None = Field(description="The chapter of `resume_at`.")
    skip: Skip
    alternatives: list[Alternative] = Field(description="Other devices' places, newest first.")
    next: NextMaterial | None


class ContinueItem(BaseModel):
    """A card: what to go on with in a course."""

    course_id: str = Field(examples=["demo"])
    material_id: str = Field(examples=["welcome"])
    title: str = Field(examples=["Welcome to the course"])
    reason: CardReason
    watch_time: float = Field(examples=[42.0])
    total_duration: float = Field(examples=[90.0])
    progress_percentage: float = Field(examples=[46.67])
    last_watched: datetime | None = Field(description="UTC; null for what was never watched.")


class ContinueWatching(BaseModel):
    """One card a course, newest activity first."""

    items: list[ContinueItem]


@router.get("/video/{video_id}/resume", responses=answers(404), summary="Get where to go on")
async def get_resume(
    video_id: VideoId,
    student: LimitedStudent,
    service: Service,
    skip_intro: Annotated[bool, Query(description="Start behind the intro.")] = True,
) -> ResumeAnswer:
    """The newest place, rewound by how long ago it was; or a better one, with its reason."""
    return _wire(await service.video(student.id, video_id, skip_intro=skip_intro))


@router.get("/continue-watching", responses=answers(), summary="Get what to go on with")
async def get_continue_watching(
    student: LimitedStudent,
    service: Service,
    limit: Annotated[int, Query(ge=1, le=50, examples=[10])] = 10,
) -> ContinueWatching:
    """The video in progress of each course, or what comes next after a completed one."""
    cards = await service.cards(student.id, limit=limit)
    return ContinueWatching(items=[_item(card) for card in cards])


@router.put(
    "/continue-watching/{course_id}/dismissed",
    status_code=204,
    responses=answers(404),
    summary="Dismiss a card",
)
async def dismiss_card(course_id: CourseId, student: LimitedStudent, service: Service) -> Response:
    """Hide the course's card until something new happens there. Touches no progress."""
    await service.dismiss(student.id, course_id, dismissed=True)
    return Response(status_code=204)


@router.delete(
    "/continue-watching/{course_id}/dismissed",
    status_code=204,
    responses=answers(404),
    summary="Restore a card",
)
async def restore_card(course_id: CourseId, student: LimitedStudent, service: Service) -> Response:
    """Show the course's card again."""
    await service.dismiss(student.id, course_id, dismissed=False)
    return Response(status_code=204)


def _wire(point: ResumePoint) -> ResumeAnswer:
    video, found = point.video, point.found
    return ResumeAnswer(
        resume_at=found.resume_at_seconds,
        reason=found.reason,
        rewind_seconds=found.rewind_seconds,
        watch_time=found.place_seconds,
        chapter=ChapterBody.model_validate(point.chapter, from_attributes=True)
        if point.chapter
        else None,
        skip=Skip.model_validate(
            {"intro": video.intro, "outro": video.outro}, from_attributes=True
        ),
        alternatives=[_alternative(place, point.now) for place in found.alternatives],
        next=NextMaterial.model_validate(point.next, from_attributes=True) if point.next else None,
    )


def _alternative(place: DevicePlace, now: datetime) -> Alternative:
    return Alternative(
        device_id=place.device_id,
        watch_time=place.position_seconds,
        last_watched=place.observed_at,
        age_seconds=max(0.0, round((now - place.observed_at).total_seconds(), 3)),
    )


def _item(card: Card) -> ContinueItem:
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
