"""Ids of statements, registrations and sessions."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.xapi.identifiers import Identifiers

OURS = Identifiers("https://school.example", "https://learn.example/progress")
STAGING = Identifiers("https://school.example", "https://staging.example/progress")

names = st.text(min_size=1)


def test_statement_ids_never_change():
    """They are stored in record stores; another id would be another statement."""
    assert OURS.statement_id("video_completed_1") == "423d6654-2b49-5bbf-8b38-9164d28a8072"
    assert OURS.registration("ana", "react") == "b4b8dc62-85db-5248-a4e9-aa15069e6a3c"
    assert OURS.session_id("ana", "intro", None) == "becfd614-875f-40de-885f-6d413a098518"


@given(names, names)
def test_ids_of_two_installations_differ(one: str, other: str):
    assert OURS.statement_id(one) != STAGING.statement_id(one)
    assert OURS.registration(one, other) != STAGING.registration(one, other)


@given(st.tuples(names, names), st.tuples(names, names))
def test_registrations_differ_by_student_and_course(one: tuple[str, str], other: tuple[str, str]):
    assert (OURS.registration(*one) == OURS.registration(*other)) == (one == other)


@given(names, names, st.none() | st.text())
def test_session_ids_have_version_4(student_id: str, material_id: str, session_id: str | None):
    found = UUID(OURS.session_id(student_id, material_id, session_id))

    assert (found.version, found.variant) == (4, RFC_4122)


@given(st.uuids(version=4))
def test_session_ids_that_are_uuids_of_version_4_stay(session_id: UUID):
    assert OURS.session_id("ana", "intro", str(session_id)) == str(session_id)
    assert OURS.session_id("ana", "intro", str(session_id).upper()) == str(session_id)


@pytest.mark.parametrize("version", [1, 3, 5])
def test_session_ids_of_other_versions_are_derived(version: int):
    session_id = str(UUID(int=0x1234, version=version))

    assert OURS.session_id("ana", "intro", session_id) != session_id


def test_derived_session_ids_differ_by_student_and_video():
    ids = {
        OURS.session_id(student_id, material_id, session_id)
        for student_id in ("ana", "ben")
        for material_id in ("intro", "hooks")
        for session_id in ("1", "2", None)
    }

    assert len(ids) == 12


def test_activities_are_addresses():
    assert OURS.course_activity("react") == "https://learn.example/progress/courses/react"
    assert OURS.video_activity("a:b@c+d", "x/y z?é") == (
        "https://learn.example/progress/courses/a:b@c+d/materials/x%2Fy%20z%3F%C3%A9"
    )
