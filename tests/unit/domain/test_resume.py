"""Where to go on: every rule by itself and at its borders, from cases that all clients share."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.catalog import Chapter, Material, Stretch, Threshold
from progress_service.domain.current_state import current_state
from progress_service.domain.progress import DevicePlace, Progress
from progress_service.domain.resume import Resume, chapter_at, next_unfinished, resume
from tests.builders import NOON, a_course, a_reading, a_video

GOLDEN = Path(__file__).parents[2] / "golden" / "resume.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text())["cases"]
THRESHOLD = 80.0


def the_video(given: dict[str, Any]) -> Material:
    return a_video(
        "video",
        duration_seconds=given["duration_seconds"],
        chapters=tuple(Chapter(c["start_seconds"], c["title"]) for c in given["chapters"]),
        intro=stretch(given["intro"]),
        outro=stretch(given["outro"]),
    )


def stretch(given: dict[str, float] | None) -> Stretch | None:
    return Stretch(given["start_seconds"], given["end_seconds"]) if given else None


def the_progress(given: dict[str, Any] | None) -> Progress:
    if given is None:
        return Progress("video")
    done_age, position = given["completed_age_seconds"], float(given["watch_time"])
    age, unmark_age = given["age_seconds"], given.get("unmarked_age_seconds")
    return Progress(
        "video",
        position_seconds=position,
        duration_seconds=given["total_duration"],
        percent=position / given["total_duration"] * 100,
        observed_at=ago(age) if age is not None else None,
        completed_at=ago(done_age) if done_age is not None else None,
        watched_spans=tuple((a, b) for a, b in given["watched_spans"]),
        devices=tuple(the_place(place) for place in given["devices"]),
        unmarked_at=ago(unmark_age) if unmark_age is not None else None,
    )


def the_place(given: dict[str, Any]) -> DevicePlace:
    return DevicePlace(
        given["device_id"],
        position_seconds=given["watch_time"],
        observed_at=ago(given["age_seconds"]),
        played_seconds=given["played_seconds"],
        furthest_seconds=given["furthest_seconds"],
    )


def ago(seconds: float) -> Any:
    return NOON - timedelta(seconds=seconds)


def asked(progress: Progress, video: Material, *, skip_intro: bool = True) -> Resume:
    state = current_state(progress, video, Threshold(THRESHOLD))
    return resume(state, video, now=NOON, threshold_percent=THRESHOLD, skip_intro=skip_intro)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_where_to_go_on(case: dict[str, Any]):
    found = asked(
        the_progress(case["progress"]), the_video(case["video"]), skip_intro=case["skip_intro"]
    )

    assert {
        "resume_at": found.resume_at_seconds,
        "reason": found.reason,
        "rewind_seconds": found.rewind_seconds,
    } == case["expect"]


def test_every_case_has_a_name_of_its_own():
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_every_reason_has_a_case():
    reasons = {case["expect"]["reason"] for case in CASES}

    assert reasons == {
        "start", "resume", "chapter", "intro", "replay", "rewatch", "next", "gap", "shortened",
        "further",
    }  # fmt: skip


def test_the_other_devices_are_offered_the_newest_first():
    case = next(c for c in CASES if c["name"] == "stale copy: the furthest of several")

    found = asked(the_progress(case["progress"]), the_video(case["video"]))

    assert [place.device_id for place in found.alternatives] == ["phone", "tv"]


def test_the_place_that_is_resumed_is_no_alternative():
    case = next(c for c in CASES if c["name"].startswith("stale copy: who played 120 s"))

    found = asked(the_progress(case["progress"]), the_video(case["video"]))

    assert [place.device_id for place in found.alternatives] == ["laptop"]


positions = st.integers(0, 600).map(float)
stretches = st.none() | st.tuples(positions, positions).map(lambda s: Stretch(min(s), max(s)))


@given(
    position=positions,
    age=st.integers(-5, 10_000_000),
    chapters=st.lists(positions, max_size=5, unique=True),
    intro=stretches,
    outro=stretches,
    done=st.none() | st.integers(0, 10_000_000),
    spans=st.lists(st.tuples(positions, positions).map(lambda s: (min(s), max(s))), max_size=5),
    skip_intro=st.booleans(),
)
def test_wherever_it_goes_on_is_inside_the_video(
    position, age, chapters, intro, outro, done, spans, skip_intro
):
    video = a_video(
        "video", chapters=tuple(Chapter(at, "C") for at in chapters), intro=intro, outro=outro
    )
    progress = Progress(
        "video", position, 600.0, position / 6, 0, ago(age), ago(done) if done else None,
        tuple(spans),
    )  # fmt: skip

    found = asked(progress, video, skip_intro=skip_intro)

    assert 0 <= found.resume_at_seconds <= 600
    assert 0 <= found.rewind_seconds <= 30
    if found.reason == "resume":
        chapter = chapter_at(video, position)
        assert position - 30 <= found.resume_at_seconds <= position
        assert found.resume_at_seconds >= (chapter.start_seconds if chapter else 0)


# -- the next one ------------------------------------------------------------------------------

COURSE = a_course("react", a_video("one"), a_video("two"), a_reading("notes"), a_video("three"))


@pytest.mark.parametrize(
    ("done", "after", "expected"),
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
def test_the_next_is_the_first_open_one_behind_and_then_from_the_start(
    done: list[str], after: str, expected: str | None
):
    found = next_unfinished(COURSE, set(done), after=after)

    assert (found.material_id if found else None) == expected
