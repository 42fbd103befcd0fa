"""The sessions of a record as they are stored: what a report adds, their union, their limits.

``{key: {observed_at, played_seconds, spans: {start: [start, end]}}}``. Of spans with one start the
longest is kept: a span that is being played keeps its start. They may overlap; readers unite them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeGuard

from progress_service.domain.intervals import (
    JOIN_GAP_SECONDS,
    Span,
    merge_spans,
    snap_spans,
    total_seconds,
)
from progress_service.domain.progress import MAX_DURATION_SECONDS, MAX_PLAYED_SECONDS, Report

MAX_SESSIONS = 20  # The newest ones count.
MAX_SESSION_SPANS = 50  # Of a report; more are snapped to a grid of twice as many cells.
MAX_HELD_SESSIONS = 3 * MAX_SESSIONS  # Between two compactions there are fewer,
MAX_HELD_SPANS = 5_000  # and fewer spans: their bytes are limited.
_WITHOUT_ID = "-"  # The key of the session of reports without one; no id begins with a hyphen.

Session = Mapping[str, Any]
Sessions = Mapping[str, Session]


def session_key(session_id: str | None) -> str:
    """The key of a session. Field names of updates have no dots; ids have no percent sign."""
    return _WITHOUT_ID if session_id is None else session_id.replace(".", "%")


def session_id_of(key: str) -> str | None:
    """The id of the session under *key*; ``None`` for the session of reports without one."""
    return None if key == _WITHOUT_ID else key.replace("%", ".")


def session_of(report: Report) -> Session:
    """The session that consists of *report* alone."""
    spans = _few(report.played if report.session_id is not None else (), report.duration_seconds)
    return {
        # As the driver returns times.
        "observed_at": report.observed_at.astimezone(UTC).replace(tzinfo=None),
        "played_seconds": max(report.played_seconds or 0.0, round(total_seconds(spans), 3)),
        "spans": _by_start(spans),
    }


def with_report(held: Sessions, report: Report) -> Sessions:
    """*held* after *report*, compacted: the `MAX_SESSIONS` newest, each with few spans."""
    merged = unite_sessions(held, {session_key(report.session_id): session_of(report)})
    length_seconds = report.duration_seconds
    return _compacted(merged, length_seconds)


def bounded(sessions: Sessions, *, length_seconds: float) -> Sessions:
    """*sessions*, compacted where no program of ours would have stored so many."""
    spans = sum(len(each["spans"]) for each in sessions.values())
    if len(sessions) <= MAX_HELD_SESSIONS and spans <= MAX_HELD_SPANS:
        return sessions
    return _compacted(unite_sessions(sessions, {}), length_seconds or MAX_DURATION_SECONDS)


def _compacted(sessions: Sessions, length_seconds: float) -> Sessions:
    return {
        key: {**each, "spans": _by_start(_few(_spans_of(each), length_seconds))}
        for key, each in sessions.items()
    }


def unite_sessions(one: Sessions, other: Sessions) -> Sessions:
    """The `MAX_SESSIONS` newest sessions of both, the newest first."""
    united = {**one, **other}
    for key in one.keys() & other.keys():
        mine, theirs = one[key], other[key]
        united[key] = {
            "observed_at": max(mine["observed_at"], theirs["observed_at"]),
            "played_seconds": max(mine["played_seconds"], theirs["played_seconds"]),
            "spans": _by_start(sorted(map(list, _spans_of(mine, theirs)))),
        }
    return dict(sorted(united.items(), key=_rank, reverse=True)[:MAX_SESSIONS])


def spans_of(session: Session) -> tuple[Span, ...]:
    """The spans of a session, disjoint and sorted."""
    spans = ((start, end) for start, end in _spans_of(session))
    return merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)


def _spans_of(*sessions: Session) -> Iterator[Sequence[float]]:
    for session in sessions:
        yield from session["spans"].values()


def readable_sessions(value: object) -> Sessions:
    """The sessions in *value*, which another program may have written.

    What is unreadable is left out. All of it is readable if the result equals *value*.
    """
    if not isinstance(value, Mapping):
        return {}
    found = {key: _readable_session(each) for key, each in value.items()}
    return {key: each for key, each in found.items() if each is not None}


def _readable_session(value: object) -> Session | None:
    if not isinstance(value, Mapping):
        return None
    at, seconds, spans = (value.get(name) for name in ("observed_at", "played_seconds", "spans"))
    if not (isinstance(at, datetime) and _is_played(seconds) and isinstance(spans, Mapping)):
        return None
    readable = {start: span for start, span in spans.items() if _is_span(span)}
    return {"observed_at": at, "played_seconds": seconds, "spans": readable}


def _is_played(value: object) -> bool:
    return _is_number(value) and 0 <= value <= MAX_PLAYED_SECONDS


def _is_span(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    start, end = value
    return bool(0 <= start <= end <= MAX_DURATION_SECONDS)


def _is_number(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value)


def _few(spans: Iterable[Sequence[float]], length_seconds: float) -> tuple[Span, ...]:
    fine = merge_spans(((start, end) for start, end in spans), join_gap_seconds=JOIN_GAP_SECONDS)
    if len(fine) <= MAX_SESSION_SPANS:
        return fine
    return snap_spans(fine, length_seconds=length_seconds, cells=2 * MAX_SESSION_SPANS)


def _by_start(spans: Iterable[Sequence[float]]) -> dict[str, Sequence[float]]:
    """The last of the sorted *spans* by their start, as a name that has no dot."""
    return {repr(span[0]).replace(".", "_"): span for span in spans}


def _rank(session: tuple[str, Session]) -> tuple[datetime, float, str]:
    key, value = session
    return value["observed_at"], value["played_seconds"], key
