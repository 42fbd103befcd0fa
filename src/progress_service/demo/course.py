"""The demo course, as a catalogue entry. The clips are made by ``scripts/make_media.py``."""

from __future__ import annotations

from progress_service.domain.catalog import VIDEO, Chapter, Course, Material, Segment

COURSE_ID = "demo"
STUDENT_ID = "ana"
TEACHER_ID = "demo-teacher"
_EDGE_SECONDS = 8.0  # Every clip opens and closes with eight seconds of titles.


def _clip(
    material_id: str, title: str, module: str, duration_seconds: float, chapters: dict[float, str]
) -> Material:
    outro_start = duration_seconds - _EDGE_SECONDS
    named = {0.0: "Intro", **chapters, outro_start: "Outro"}
    return Material(
        material_id=material_id,
        type=VIDEO,
        title=title,
        module=module,
        duration_seconds=duration_seconds,
        source_url=f"/demo/media/{material_id}.mp4",
        chapters=tuple(Chapter(start, name) for start, name in named.items()),
        intro=Segment(0.0, _EDGE_SECONDS),
        outro=Segment(outro_start, duration_seconds),
    )


COURSE = Course(
    course_id=COURSE_ID,
    title="Interfaces that remember",
    teacher_ids=(TEACHER_ID,),
    materials=(
        _clip(
            "welcome",
            "Welcome to the course",
            "Start here",
            90.0,
            {8.0: "Why progress matters", 35.0: "Three facts", 60.0: "Every device"},
        ),
        Material("reading-list", "Reading list", type="reading", module="Start here"),
        _clip(
            "components",
            "Thinking in components",
            "Building blocks",
            60.0,
            {8.0: "What a component is", 24.0: "Props", 40.0: "Composition"},
        ),
        _clip(
            "state",
            "State that lasts",
            "Building blocks",
            75.0,
            {8.0: "What state is", 30.0: "Updating state", 50.0: "Lifting state up"},
        ),
    ),
)

SANDBOX = Course("sandbox", "A course to try the catalogue with", teacher_ids=(TEACHER_ID,))
"""A course without students, to be replaced and removed from /docs."""
