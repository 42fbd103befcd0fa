"""Sessions of a record: in any order and repetition, reports give what the model computes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.progress import Report
from progress_service.progress.sessions import MAX_SESSION_SPANS, MAX_SESSIONS
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
        each["session_id"]: (
            each["observed_at"].replace(tzinfo=NOON.tzinfo),
            each["played_seconds"],
            each["spans"],
        )
        for each in document.get("sessions", ())
    }


@settings(max_examples=60)
@given(reports=st.lists(any_report(), min_size=1, max_size=14), seed=seeds)
async def test_sessions_in_any_order_match_the_model(
    records: Records, reports: list[Report], seed: int
):
    record = records.new()

    await record.merge_in_one_write(*shuffled(reports, seed))

    assert as_model(await record.document()) == sessions_of(reports)


async def test_newest_sessions_are_stored(records: Records):
    record = records.new()
    for number in range(MAX_SESSIONS + 5):
        at = NOON + timedelta(minutes=number)
        await record.merge(a_report(observed_at=at, session_id=f"session-{number}"))

    found = (await record.document())["sessions"]

    assert [each["session_id"] for each in found] == [
        f"session-{number}" for number in reversed(range(5, MAX_SESSIONS + 5))
    ]


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

    (session,) = (await record.document())["sessions"]

    assert len(session["spans"]) <= 2 * MAX_SESSION_SPANS
