"""Wire shapes of the catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from progress_service.catalog.ids import Id, UserId
from progress_service.domain.catalog import (
    MAX_MATERIALS,
    Chapter,
    Course,
    Material,
    Segment,
)
from progress_service.domain.progress import MAX_DURATION_SECONDS


def _web_address(address: str) -> str:
    """Allow only web addresses, because pages use the value in their markup."""
    if urlsplit(address).scheme not in ("", "http", "https"):
        raise ValueError("must begin with https://, http:// or be a path")
    return address


SourceUrl = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_web_address)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Seconds = Annotated[float, Field(ge=0, le=MAX_DURATION_SECONDS)]
Percent = Annotated[float, Field(gt=0, le=100)]


class Strict(BaseModel):
    """A request body: exact types, no unknown fields, no NaN; its values are not cached."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, cache_strings="keys"
    )


class ChapterBody(Strict):
    """A chapter of a video; it lasts until the next one starts."""

    start_seconds: Seconds
    title: Title


class SegmentBody(Strict):
    """An intro or outro."""

    start_seconds: Seconds
    end_seconds: Seconds

    @model_validator(mode="after")
    def _is_not_reversed(self) -> SegmentBody:
        if self.end_seconds < self.start_seconds:
            raise ValueError("end_seconds must not lie before start_seconds")
        return self


class MaterialBody(Strict):
    """One material; the order of the list is the order of the course."""

    material_id: Id
    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = Field(
        description="`video`, `reading`, or another word; only videos have a position and a length."
    )
    title: Title
    module: Title | None = Field(None, description="Groups materials on the page.")
    duration_seconds: Annotated[float, Field(gt=0, le=MAX_DURATION_SECONDS)] | None = Field(
        None, description="Seconds. If given, the lengths in reports are checked against it."
    )
    source_url: SourceUrl | None = Field(None, description="http, https, or a path on this host.")
    required: bool = Field(True, description="Whether it counts towards the course total.")
    complete_at_percent: Percent | None = Field(None, description="Overrides the course's.")
    chapters: Annotated[list[ChapterBody], Field(max_length=500)] = []
    intro: SegmentBody | None = None
    outro: SegmentBody | None = None


class CourseBody(Strict):
    """A course with its materials."""

    max_values: ClassVar[int] = 850_000  # No course in 8 MiB has more.

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Interfaces that learn",
                    "teacher_ids": ["demo-teacher"],
                    "complete_at_percent": 80,
                    "materials": [
                        {
                            "material_id": "lesson-1",
                            "type": "video",
                            "title": "Lesson 1",
                            "module": "Basics",
                            "duration_seconds": 600,
                            "chapters": [{"start_seconds": 0, "title": "Hello"}],
                            "intro": {"start_seconds": 0, "end_seconds": 8},
                        },
                        {"material_id": "notes-1", "type": "reading", "title": "Notes"},
                    ],
                }
            ]
        }
    )

    course_id: Id | None = Field(None, description="If given, it must equal the id in the path.")
    title: Title
    teacher_ids: Annotated[list[UserId], Field(max_length=200)]
    complete_at_percent: Percent | None = Field(None, description="Overrides the setting.")
    materials: Annotated[list[MaterialBody], Field(max_length=MAX_MATERIALS)] = []

    def to_course(self, course_id: str) -> Course:
        """The domain value under *course_id*."""
        return Course(
            course_id=course_id,
            title=self.title,
            teacher_ids=tuple(self.teacher_ids),
            complete_at_percent=self.complete_at_percent,
            materials=tuple(to_material(material) for material in self.materials),
        )


ALWAYS_PRESENT = ConfigDict(json_schema_serialization_defaults_required=True)
"""For responses: fields with a default are always present, so the schema requires them."""


class MaterialResponse(MaterialBody):
    """A material as stored."""

    model_config = ALWAYS_PRESENT


class CourseResponse(CourseBody):
    """A course as stored."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=True,
        json_schema_extra={
            "examples": [
                {
                    "course_id": "sandbox",
                    "title": "Interfaces that learn",
                    "teacher_ids": ["demo-teacher"],
                    "complete_at_percent": 80,
                    "materials": [
                        {
                            "material_id": "lesson-1",
                            "type": "video",
                            "title": "Lesson 1",
                            "module": "Basics",
                            "duration_seconds": 600,
                            "source_url": "/media/lesson-1.mp4",
                            "required": True,
                            "complete_at_percent": 90,
                            "chapters": [{"start_seconds": 0, "title": "Hello"}],
                            "intro": {"start_seconds": 0, "end_seconds": 8},
                            "outro": {"start_seconds": 580, "end_seconds": 600},
                        }
                    ],
                }
            ]
        },
    )

    course_id: Id = Field()
    materials: list[MaterialResponse]  # type: ignore[assignment]  # only ever serialized


class StudentIds(Strict):
    """Students to enrol."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"student_ids": ["ana", "ben"]}]})

    student_ids: Annotated[list[UserId], Field(min_length=1, max_length=1_000)]


class EnrollmentResponse(BaseModel):
    """A stored enrolment."""

    course_id: str
    student_id: str


class StoredEnrollmentResponse(EnrollmentResponse):
    """An enrolment, with its date."""

    enrolled_at: datetime | None = Field(description="UTC; null if another program wrote none.")


class EnrollmentsResponse(BaseModel):
    """The number of given students, all of which are now enrolled."""

    course_id: str
    enrolled: int


class EnrollmentPage(BaseModel):
    """A page of students, in the order of their ids."""

    course_id: str
    student_ids: list[str]
    next: str | None = Field(description="The `after` of the next page; null at the end.")


class CatalogCourse(BaseModel):
    """A course as in lists, without its materials."""

    course_id: str = Field(examples=["demo"])
    title: str = Field(examples=["Interfaces that learn"])
    teacher_ids: list[str] = Field(examples=[["demo-teacher"]])
    material_count: int = Field(examples=[10])


class CatalogPage(BaseModel):
    """A page of courses, in the order of their ids."""

    courses: list[CatalogCourse]
    next: str | None = Field(description="The `after` of the next page; null at the end.")


def to_material(body: MaterialBody) -> Material:
    """The domain value."""
    plain = {
        name: getattr(body, name)
        for name in MaterialBody.model_fields
        if name not in ("chapters", "intro", "outro")
    }
    return Material(
        **plain,
        chapters=tuple(Chapter(c.start_seconds, c.title) for c in body.chapters),
        intro=_to_segment(body.intro),
        outro=_to_segment(body.outro),
    )


def _to_segment(body: SegmentBody | None) -> Segment | None:
    return Segment(body.start_seconds, body.end_seconds) if body else None
