"""The resume position: each rule and its boundaries, by golden cases shared with all clients."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.catalog import Chapter, Material, Segment, Threshold
from progress_service.domain.current_state import current_state
from progress_service.domain.progress import DevicePosition, Progress
from progress_service.domain.resume import Resume, chapter_at, next_unfinished, resume
from tests.builders import NOON, a_course, a_reading, a_video

GOLDEN = Path(__file__).parents[2] / "golden" / "resume.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text())["cases"]
THRESHOLD = 80.0


def video_of(given: dict[str, Any]) -> Material:
    return a_video(
        "video",
        duration_seconds=given["duration_seconds"],
        chapters=tuple(Chapter(c["start_seconds"], c["title"]) for c in given["chapters"]),
        intro=segment_of(given["intro"]),
        outro=segment_of(given["outro"]),
    )


def segment_of(given: dict[str, float] | None) -> Segment | None:
    return Segment(given["start_seconds"], given["end_seconds"]) if given else None


def progress_of(given: dict[str, Any] | None) -> Progress:
    if given is None:
        return Progress("video")
    completed_age, position = given["completed_age_seconds"], float(given["watch_time"])
    age, unmark_age = given["age_seconds"], given.get("unmarked_age_seconds")
    return Progress(
        "video",
        position_seconds=position,
        duration_seconds=given["total_duration"],
        percent=position / given["total_duration"] * 100,
        observed_at=ago(age) if age is not None else None,
        completed_at=ago(completed_age) if completed_age is not None else None,
        watched_spans=tuple((a, b) for a, b in given["watched_spans"]),
        devices=tuple(device_position_of(place) for place in given["devices"]),
        unmarked_at=ago(unmark_age) if unmark_age is not None else None,
    )


def device_position_of(given: dict[str, Any]) -> DevicePosition:
    return DevicePosition(
        given["device_id"],
        position_seconds=given["watch_time"],
        observed_at=ago(given["age_seconds"]),
        played_seconds=given["played_seconds"],
        furthest_seconds=given["furthest_seconds"],
    )


def ago(seconds: float) -> Any:
    return NOON - timedelta(seconds=seconds)


def resumed(progress: Progress, video: Material, *, skip_intro: bool = True) -> Resume:
    state = current_state(progress, video, Threshold(THRESHOLD))
    return resume(state, video, now=NOON, threshold_percent=THRESHOLD, skip_intro=skip_intro)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_resume_matches_the_golden_case(case: dict[str, Any]):
    found = resumed(
        progress_of(case["progress"]), video_of(case["video"]), skip_intro=case["skip_intro"]
    )

    assert {
        "resume_at": found.resume_at_seconds,
        "reason": found.reason,
        "rewind_seconds": found.rewind_seconds,
    } == case["expect"]


def test_golden_case_names_are_unique():
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_golden_cases_cover_every_reason():
    reasons = {case["expect"]["reason"] for case in CASES}

    assert reasons == {
        "start", "resume", "chapter", "intro", "replay", "rewatch", "next", "gap", "shortened",
        "further",
    }  # fmt: skip


def test_alternatives_are_ordered_newest_first():
    case = next(c for c in CASES if c["name"] == "stale copy: the furthest of several")

    found = resumed(progress_of(case["progress"]), video_of(case["video"]))

    assert [place.device_id for place in found.alternatives] == ["phone", "tv"]


def test_alternatives_exclude_the_resumed_device():
    case = next(c for c in CASES if c["name"].startswith("stale copy: who played 120 s"))

    found = resumed(progress_of(case["progress"]), video_of(case["video"]))

    assert [place.device_id for place in found.alternatives] == ["laptop"]


positions = st.integers(0, 600).map(float)
segments = st.none() | st.tuples(positions, positions).map(lambda s: Segment(min(s), max(s)))


@given(
    position=positions,
    age=st.integers(-5, 10_000_000),
    chapters=st.lists(positions, max_size=5, unique=True),
    intro=segments,
    outro=segments,
    completed=st.none() | st.integers(0, 10_000_000),
    spans=st.lists(st.tuples(positions, positions).map(lambda s: (min(s), max(s))), max_size=5),
    skip_intro=st.booleans(),
)
def test_resume_position_is_inside_the_video(
    position, age, chapters, intro, outro, completed, spans, skip_intro
):
    video = a_video(
        "video", chapters=tuple(Chapter(at, "C") for at in chapters), intro=intro, outro=outro
    )
    progress = Progress(
        "video",
        position_seconds=position,
        duration_seconds=600.0,
        percent=position / 6,
        observed_at=ago(age),
        completed_at=ago(completed) if completed else None,
        watched_spans=tuple(spans),
    )

    found = resumed(progress, video, skip_intro=skip_intro)

    assert 0 <= found.resume_at_seconds <= 600
    assert 0 <= found.rewind_seconds <= 30
    if found.reason == "resume":
        chapter = chapter_at(video, position)
        assert position - 30 <= found.resume_at_seconds <= position
        assert found.resume_at_seconds >= (chapter.start_seconds if chapter else 0)


# -- the next material -------------------------------------------------------------------------

COURSE = a_course("react", a_video("one"), a_video("two"), a_reading("notes"), a_video("three"))


@pytest.mark.parametrize(
    ("completed", "after", "expected"),
    [
        ([], "one", "two"),
        (["one"], "one", "two"),
        (["two"], "one", "notes"),
        (["two", "notes"], "one", "three"),
        (["three"], "three", "one"),
        (["one", "three"], "three", "two"),
        (["one", "two", "notes"], "three", None),
        (["one", "two", "notes", "three"], "two", None),
    ],
)
def test_next_material_is_the_first_unfinished_one_after_it_or_from_the_start(
    completed: list[str], after: str, expected: str | None
):
    found = next_unfinished(COURSE, set(completed), after=after)

    assert (found.material_id if found else None) == expected
