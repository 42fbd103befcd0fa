"""Statements: the templates of the profile hold for every viewing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.intervals import merge_spans
from progress_service.xapi import vocabulary as terms
from progress_service.xapi.identifiers import Identifiers
from progress_service.xapi.statements import (
    Viewing,
    completed,
    iso_duration,
    played_segments,
    terminated,
)
from tests.video_profile import a_viewing, segments_of, violations

IDENTIFIERS = Identifiers("https://school.example", "https://learn.example/progress")

seconds = st.floats(0, 86_400)
spans = st.lists(st.tuples(seconds, seconds).map(lambda pair: (min(pair), max(pair))), max_size=9)
viewings = st.builds(
    Viewing,
    student_id=st.text(min_size=1),
    course_id=st.text(min_size=1),
    course_title=st.text(),
    material_id=st.text(min_size=1),
    title=st.text(),
    at=st.datetimes(timezones=st.just(UTC)),
    length_seconds=seconds,
    complete_at_percent=st.floats(0.001, 100),
    position_seconds=seconds,
    reached_percent=st.floats(0, 100),
    spans=spans.map(merge_spans),
    spent_seconds=st.floats(0, 1e7),
    session_id=st.none() | st.text() | st.uuids().map(str),
)


@given(viewings, st.sampled_from([completed, terminated]))
def test_statements_have_what_the_templates_require(viewing: Viewing, build: Any):
    statement = build(viewing, event_id="event", identifiers=IDENTIFIERS)

    body = json.loads(statement.body)

    assert list(violations(body)) == []
    assert statement.statement_id == body["id"]
    assert body["actor"]["account"]["name"] == viewing.student_id
    assert None not in (body["result"], body["context"])
    assert "" not in body["object"]["definition"].get("name", {}).values()


@given(viewings)
def test_progress_is_the_share_of_the_segments(viewing: Viewing):
    body = json.loads(completed(viewing, event_id="event", identifiers=IDENTIFIERS).body)

    progress = body["result"]["extensions"][terms.PROGRESS]
    segments = segments_of(body)
    if segments and viewing.length_seconds > 1:
        total = sum(end - start for start, end in segments)
        assert progress == pytest.approx(min(1, total / viewing.length_seconds), abs=0.011)


@given(viewings)
def test_statements_are_built_alike_every_time(viewing: Viewing):
    first = completed(viewing, event_id="event", identifiers=IDENTIFIERS)

    second = completed(viewing, event_id="event", identifiers=IDENTIFIERS)

    assert first == second
    assert first.body.isascii()


def test_progress_without_spans_is_how_far_the_position_came():
    viewing = a_viewing(spans=(), reached_percent=83.3333)

    body = json.loads(completed(viewing, event_id="event", identifiers=IDENTIFIERS).body)

    assert body["result"]["extensions"][terms.PROGRESS] == 0.833
    assert body["result"]["extensions"][terms.PLAYED_SEGMENTS] == ""


def test_timestamp_has_the_precision_of_the_status():
    at = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)

    body = json.loads(completed(a_viewing(at=at), event_id="event", identifiers=IDENTIFIERS).body)

    assert body["timestamp"] == "2026-11-22T12:00:00.123000Z"


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        ((), ""),
        (((0.0, 12.0),), "0.000[.]12.000"),
        (((0.0, 12.0), (14.0, 21.12345)), "0.000[.]12.000[,]14.000[.]21.123"),
    ],
)
def test_played_segments_have_the_form_of_the_profile(spans: Any, text: str):
    assert played_segments(spans) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "PT0S"), (100, "PT100S"), (125.5, "PT125.5S"), (0.25, "PT0.25S"), (1e7, "PT10000000S")],
)
def test_duration_is_iso_8601(seconds: float, text: str):
    assert iso_duration(seconds) == text
