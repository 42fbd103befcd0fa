"""Sessions of a record: in any order and repetition, reports give what the model computes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.intervals import JOIN_GAP_SECONDS, merge_spans
from progress_service.domain.progress import Report
from progress_service.progress.session_forms import (
    MAX_SESSION_SPANS,
    MAX_SESSIONS,
    session_id_of,
    session_key,
)
from progress_service.progress.sessions import MAX_STORED_BYTES, MAX_STORED_SESSIONS
from tests.builders import NOON, a_report
from tests.integration.progress.conftest import Records
from tests.integration.progress.test_merge_laws import any_report, seeds, shuffled
from tests.merge_model import spans

Session = tuple[datetime, float, list[list[float]]]


def sessions_of(reports: list[Report]) -> dict[str | None, Session]:
    """By session: the newest time, the seconds played, and the spans."""
    found: dict[str | None, Session] = {}
    for name in {report.session_id for report in reports}:
        own = [r for r in reports if r.session_id == name]
        told = [r for r in own if name is not None or r.played_seconds is not None]
        if not told:
            continue
        played = [list(span) for span in spans(own)] if name is not None else []
        longest = max(
            max(r.played_seconds or 0.0, _total(spans([r])) if name is not None else 0.0)
            for r in told
        )
        found[name] = (max(r.observed_at for r in told), longest, played)
    return found


def _total(of_spans: list[tuple[float, float]]) -> float:
    return sum(end - start for start, end in of_spans)


def as_model(document: dict[str, Any]) -> dict[str | None, Session]:
    return {
        session_id_of(key): (
            each["observed_at"].replace(tzinfo=NOON.tzinfo),
            each["played_seconds"],
            [list(span) for span in united(each["spans"].values())],
        )
        for key, each in document.get("sessions", {}).items()
    }


def united(spans: Iterable[list[float]]) -> tuple[tuple[float, float], ...]:
    return merge_spans(((start, end) for start, end in spans), join_gap_seconds=JOIN_GAP_SECONDS)


@settings(max_examples=60)
@given(reports=st.lists(any_report(), min_size=1, max_size=14), seed=seeds)
async def test_sessions_in_any_order_match_the_model(
    records: Records, reports: list[Report], seed: int
):
    record = records.new()

    await record.merge_in_one_write(*shuffled(reports, seed))

    assert as_model(await record.document()) == sessions_of(reports)


async def test_span_keeps_its_exact_ends(records: Records):
    record = records.new()
    for end in (20.25, 30.0625, 1e-05):
        await record.merge(a_report(session_id="one", played=((1e-05, end), (60.1, 61.7))))

    (session,) = (await record.document())["sessions"].values()

    assert list(session["spans"].values()) == [[1e-05, 30.0625], [60.1, 61.7]]


async def test_number_of_stored_sessions_is_bounded(records: Records):
    record = records.new()
    number = 3 * MAX_STORED_SESSIONS
    for minute in range(number):
        at = NOON + timedelta(minutes=minute)
        await record.merge(a_report(observed_at=at, session_id=f"session.{minute}"))

    found = (await record.document())["sessions"]

    assert MAX_SESSIONS <= len(found) <= MAX_STORED_SESSIONS + 1
    newest = {session_key(f"session.{minute}") for minute in range(number)[-MAX_SESSIONS:]}
    assert newest <= found.keys()


async def test_compacted_sessions_keep_what_was_played(records: Records):
    record = records.new()
    expected: dict[str | None, Session] = {}
    for minute in range(MAX_STORED_SESSIONS + 2):
        at = NOON + timedelta(minutes=minute)
        reports = [
            a_report(observed_at=at, session_id=f"{minute}", played=((start, start + 9.0),))
            for start in (0.0, 8.0, 30.0)
        ]
        await record.merge(*reports)
        expected |= sessions_of(reports)

    found = as_model(await record.document())

    assert len(found) < len(expected)
    assert found == {name: expected[name] for name in found}


@pytest.mark.parametrize("session_id", ["a.b", "7.25", "0", "a:b@c+d-e_f", "x" * 128])
async def test_any_session_id_is_stored(records: Records, session_id: str):
    record = records.new()
    reports = [a_report(session_id=session_id, played=((at, at + 5.0),)) for at in (0.0, 20.0)]

    await record.merge(*reports)

    assert as_model(await record.document()) == sessions_of(reports)


async def test_report_without_a_session_adds_no_session(records: Records):
    record = records.new()

    await record.merge(a_report(), a_report(device_id="ipad", played=((0.0, 9.0),)))

    assert "sessions" not in await record.document()


@pytest.mark.parametrize("count", [MAX_SESSION_SPANS, MAX_SESSION_SPANS + 1, 200])
async def test_session_has_a_bounded_number_of_spans(records: Records, count: int):
    record = records.new()
    for start in (0.0, 1.0):
        played = tuple((start + 3 * n, start + 3 * n + 0.9) for n in range(count))
        await record.merge(a_report(session_id="one", played=played))

    (session,) = (await record.document())["sessions"].values()

    assert len(session["spans"]) <= 2 * MAX_SESSION_SPANS


async def test_sessions_of_many_spans_have_a_bounded_size(records: Records):
    record = records.new()
    for number in range(5 * MAX_SESSIONS):
        at = NOON + timedelta(minutes=number)
        start = number % 7 / 10
        played = tuple((start + 3.001 * n, start + 3.001 * n + 0.9) for n in range(200))
        await record.merge(a_report(observed_at=at, session_id=f"{number % 30}", played=played))

    document = await record.document()

    assert len(bson.encode(document["sessions"])) <= 1.1 * MAX_STORED_BYTES
    assert len(document["sessions"]) >= MAX_SESSIONS
