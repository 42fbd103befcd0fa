"""Cursors of a gradebook: what they name, how long they are, and which texts are rejected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.catalog import ThresholdChange
from progress_service.domain.gradebook import (
    MARGIN,
    MAX_CHARACTERS,
    MAX_NAMED,
    UNKNOWN_RULES,
    GradebookCursor,
    GradebookRow,
    PagePosition,
    name_of_ended,
)
from progress_service.domain.opaque_text import encode_opaque
from progress_service.errors import Invalid
from tests.builders import NOON, a_course, a_reading, a_video, at, brief

moments = st.integers(-(10**7), 10**7).map(lambda ms: NOON + timedelta(milliseconds=ms))
rows = st.builds(
    GradebookRow,
    student_id=st.text(min_size=1, max_size=5),
    enrolled_at=st.none() | moments,
    overall_percent=st.floats(0, 100),
    completed_ids=st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple),
    last_observed_at=st.none() | moments,
    completed_at=st.none() | moments,
)
cursors = st.builds(
    lambda moment, read, rules: GradebookCursor.at(
        moment, course_id="react", rules=rules
    ).after_page([row.name for row in read], rules=rules),
    moments,
    st.lists(rows, max_size=20),
    st.sampled_from(["one", "two"]),
)


def a_row(**given: Any) -> GradebookRow:
    return replace(GradebookRow("ana", NOON, 50.0, ("intro",), NOON, None), **given)


def a_cursor(moment: datetime = NOON, *, rules: str = "rules") -> GradebookCursor:
    return GradebookCursor.at(moment, course_id="react", rules=rules)


@given(cursors)
def test_cursor_decodes_what_it_encodes(cursor: GradebookCursor):
    assert GradebookCursor.decode(cursor.encode(), course_id="react") == cursor


@given(st.text(st.characters(exclude_categories=["Cs"])), st.none() | cursors, cursors)
def test_position_decodes_what_it_encodes(
    after_id: str, since: GradebookCursor | None, until: GradebookCursor
):
    position = PagePosition(after_id, since, until)

    assert PagePosition.decode(position.encode(), course_id="react") == position


@given(rows, rows)
def test_rows_have_the_same_name_only_if_they_are_equal(one: GradebookRow, other: GradebookRow):
    assert (one.name == other.name) == (one == other)


@pytest.mark.parametrize(
    "change",
    [
        {"student_id": "ben"},
        {"enrolled_at": at(1)},
        {"overall_percent": 50.01},
        {"completed_ids": ("hooks",)},
        {"completed_ids": ()},
        {"last_observed_at": at(0.001)},
        {"completed_at": NOON},
    ],
    ids=brief,
)
def test_every_value_of_a_row_is_part_of_its_name(change: dict[str, Any]):
    assert a_row(**change).name != a_row().name


def test_name_of_an_ended_enrolment_depends_on_when_it_ended():
    assert name_of_ended("ana", NOON) == name_of_ended("ana", NOON)
    assert len({name_of_ended("ana", NOON), name_of_ended("ana", at(1)), a_row().name}) == 3


def test_cursor_reaches_back_over_the_margin():
    assert a_cursor().reaches_back_to == NOON - MARGIN


def test_cursor_after_pages_by_different_rules_knows_no_rules():
    first = a_cursor(rules="one").after_page([], rules="one")
    changed = first.after_page([], rules="two")

    assert first.rules == "one"
    assert changed.rules == UNKNOWN_RULES
    assert changed.after_page([], rules="one").rules == UNKNOWN_RULES


def test_position_with_the_most_names_and_the_longest_id_stays_within_its_maximum():
    names = [a_row(student_id=f"s{n}").name for n in range(MAX_NAMED * 2)]
    full = GradebookCursor.at(NOON, course_id="c" * 128, rules="f" * 24).after_page(
        names, rules="f" * 24
    )
    position = PagePosition("😀" * 255, full, full)

    assert len(full.seen) == MAX_NAMED
    assert PagePosition.decode(position.encode(), course_id="c" * 128) == position
    assert len(position.encode()) <= MAX_CHARACTERS


@pytest.mark.parametrize(
    "packed",
    [
        "{}",
        "7",
        '["react",1,"",""]x',
        '["react",1,"r"]',
        '["react",true,"r",""]',
        '["react",1.5,"r",""]',
        '["react",1,null,""]',
        '["react",1,"r",[]]',
        '["react",-1e30,"r",""]',
        '["react",99999999999999999999,"r",""]',
        '["other",1,"r",""]',
        f'["react",1,"r","{"x" * 9 * MAX_NAMED}"]',
    ],
    ids=brief,
)
def test_other_text_is_no_cursor(packed: str):
    with pytest.raises(Invalid):
        GradebookCursor.decode(encode_opaque(packed), course_id="react")
    with pytest.raises(Invalid):
        PagePosition.decode(encode_opaque(f'["ana",null,{packed}]'), course_id="react")


@given(st.text())
def test_any_text_is_decoded_or_rejected(text: str):
    for decode in (GradebookCursor.decode, PagePosition.decode):
        with pytest.raises(Invalid):
            decode(text, course_id="react")


def test_rules_fingerprint_ignores_what_changes_no_progress():
    course = a_course()
    renamed = replace(
        course,
        title="Other",
        teacher_ids=("tim",),
        materials=tuple(
            replace(m, title="x", module="m", source_url="u") for m in course.materials
        ),
    )

    assert renamed.rules_fingerprint == course.rules_fingerprint


@pytest.mark.parametrize(
    "other",
    [
        a_course("react", a_video("intro"), a_video("hooks")),
        a_course("react", a_video("hooks"), a_video("intro"), a_reading("notes")),
        a_course("react", a_video("intro"), a_video("hooks"), a_reading("notes", required=False)),
        a_course("react", a_video("intro"), a_video("hooks"), a_video("notes")),
        a_course(
            "react", a_video("intro", duration_seconds=599.0), a_video("hooks"), a_reading("notes")
        ),
        a_course(complete_at_percent=70.0),
        a_course(default_percent=70.0),
        a_course(
            "react",
            a_video("intro", lowered=(ThresholdChange(70.0, NOON, NOON),)),
            a_video("hooks"),
            a_reading("notes"),
        ),
    ],
    ids=range(8),
)
def test_rules_fingerprint_covers_what_changes_progress(other: Any):
    assert other.rules_fingerprint != a_course().rules_fingerprint
