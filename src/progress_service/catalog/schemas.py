"""Wire shapes of the catalogue, shared with every feature that names an id."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from fastapi import Path, Request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from progress_service.domain.catalog import (
    ID_PATTERN,
    MAX_MATERIALS,
    Chapter,
    Course,
    Material,
    Stretch,
)
from progress_service.domain.progress import MAX_DURATION_SECONDS
from progress_service.edge.claims import USER_ID_DETAIL, USER_ID_PATTERN, is_user_id
from progress_service.errors import Invalid


def _web_address(address: str) -> str:
    """Pages put it into their own markup: nothing but the web is let in."""
    if urlsplit(address).scheme not in ("", "http", "https"):
        raise ValueError("must begin with https://, http:// or be a path")
    return address


def _visible_user_id(text: str) -> str:
    if not is_user_id(text):
        raise ValueError(USER_ID_DETAIL)
    return text


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
# Of user ids the pattern is for the document alone: as an error message it helps nobody.
UserId = Annotated[
    str,
    AfterValidator(_visible_user_id),
    Field(json_schema_extra={"pattern": USER_ID_PATTERN}),
]
SourceUrl = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_web_address)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Seconds = Annotated[float, Field(ge=0, le=MAX_DURATION_SECONDS)]
Percent = Annotated[float, Field(gt=0, le=100)]


def _in_path(example: str) -> Any:
    """An id in a path; /docs fills in *example*, which stands in the demo data."""
    return Path(
        pattern=ID_PATTERN, examples=[example], openapi_examples={example: {"value": example}}
    )


CourseId = Annotated[str, _in_path("demo")]
SandboxId = Annotated[str, _in_path("sandbox")]
MaterialId = Annotated[str, _in_path("reading-list")]
VideoId = Annotated[str, _in_path("welcome")]
StudentId = Annotated[
    str,
    Path(
        json_schema_extra={"pattern": USER_ID_PATTERN},
        examples=["ana"],
        openapi_examples={"ana": {"value": "ana"}, "auth0": {"value": "auth0|5f7c8ec7"}},
    ),
    AfterValidator(_visible_user_id),
]


_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """True when *text* looks like an id of a course, material, device or session."""
    return _ID.fullmatch(text) is not None


def path_id(request: Request, name: str) -> str:
    """The id called *name* in the path.

    Raises:
        Invalid: it does not look like an id.
    """
    value: str = request.path_params[name]
    if not is_id(value):
        raise Invalid.field(name, f"must match {ID_PATTERN}")
    return value


class Strict(BaseModel):
    """A body: exact types, no unknown fields, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class ChapterBody(Strict):
    """A named place in a video; it lasts until the next chapter."""

    start_seconds: Seconds
    title: Title


class StretchBody(Strict):
    """An intro or outro."""

    start_seconds: Seconds
    end_seconds: Seconds

    @model_validator(mode="after")
    def _is_not_reversed(self) -> StretchBody:
        if self.end_seconds < self.start_seconds:
            raise ValueError("end_seconds must not lie before start_seconds")
        return self


class MaterialBody(Strict):
    """One thing to learn from; its place in the list is the course order."""

    material_id: Id
    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = Field(
        description="`video`, `reading`, or another word; only videos have a place and a length."
    )
    title: Title
    module: Title | None = Field(None, description="Groups materials on the page.")
    duration_seconds: Annotated[float, Field(gt=0, le=MAX_DURATION_SECONDS)] | None = Field(
        None, description="Seconds. When given, it is the truth about the length."
    )
    source_url: SourceUrl | None = Field(None, description="http, https, or a path of this host.")
    required: bool = Field(True, description="Counts for the course total.")
    complete_at_percent: Percent | None = Field(None, description="Overrides the course's.")
    chapters: Annotated[list[ChapterBody], Field(max_length=500)] = []
    intro: StretchBody | None = None
    outro: StretchBody | None = None


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

    course_id: Id | None = Field(None, description="If given, the id of the path.")
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
"""For responses: a field with a default is there too, and clients need not look if it is."""


class MaterialAnswer(MaterialBody):
    """A material as stored."""

    model_config = ALWAYS_PRESENT


class CourseAnswer(CourseBody):
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
    materials: list[MaterialAnswer]  # type: ignore[assignment]  # it is only ever read


class StudentIds(Strict):
    """Students to enrol."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"student_ids": ["ana", "ben"]}]})

    student_ids: Annotated[list[UserId], Field(min_length=1, max_length=1_000)]


class EnrollmentAnswer(BaseModel):
    """An enrolment that stands."""

    course_id: str
    student_id: str


class EnrollmentsAnswer(BaseModel):
    """How many of the given students are enrolled now: all of them."""

    course_id: str
    enrolled: int


class EnrollmentPage(BaseModel):
    """A page of students, in the order of their ids."""

    course_id: str
    student_ids: list[str]
    next: str | None = Field(description="`after` of the next page; null at the end.")


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
        intro=_to_stretch(body.intro),
        outro=_to_stretch(body.outro),
    )


def _to_stretch(body: StretchBody | None) -> Stretch | None:
    return Stretch(body.start_seconds, body.end_seconds) if body else None
