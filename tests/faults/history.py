"""The requests and responses of clients, and the check against the database.

An acknowledged report must be in the record; a rejected one must not; one without a response may
or may not. So each merge rule becomes a pair of bounds: the stored record lies between the merge
of the acknowledged reports and the merge of all reports sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Literal

from progress_service.domain.intervals import JOIN_GAP_SECONDS, Span, merge_spans

COMPLETE_AT_PERCENT = 80.0
LOW_POSITION_SECONDS = 3.0
ROUNDING_SECONDS = 1e-6

Key = tuple[str, str]
"""(student_id, video_id)"""
PositionKey = tuple[bool, datetime, float, float]
"""In order of comparison: is_deliberate, observed_at, watch_time, total_duration."""
Outcome = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Call:
    """One report of one client, and its outcome. Times are seconds of a monotonic clock.

    ``status`` is that of the response; ``None`` if the connection was lost.
    """

    client: str
    key: Key
    body: Mapping[str, Any]
    outcome: Outcome
    sent_at: float
    responded_at: float
    status: int | None = None

    @property
    def position_key(self) -> PositionKey:
        """The reported position, comparable by age."""
        position = self.body["watch_time"]
        is_deliberate = self.body.get("kind") == "restart" or position >= LOW_POSITION_SECONDS
        return is_deliberate, _utc(self.body["observed_at"]), position, self.body["total_duration"]

    @property
    def spans(self) -> list[Span]:
        """The reported spans."""
        return [(start, end) for start, end in self.body.get("played", ())]

    @property
    def completes(self) -> bool:
        """True at or above the threshold."""
        percent = float(self.body["watch_time"] / self.body["total_duration"] * 100)
        return percent >= COMPLETE_AT_PERCENT


@dataclass(frozen=True, slots=True)
class Reading:
    """One status that a client has read."""

    client: str
    key: Key
    status: Mapping[str, Any]


@dataclass
class History:
    """All entries in the order of the responses; each client sends one request at a time."""

    entries: list[Call | Reading] = field(default_factory=list)

    @property
    def calls(self) -> list[Call]:
        """The reports."""
        return [entry for entry in self.entries if isinstance(entry, Call)]

    def keys(self) -> set[Key]:
        """Every student and video with a report."""
        return {call.key for call in self.calls}

    def count(self, outcome: Outcome) -> int:
        """The number of reports with this outcome."""
        return sum(call.outcome == outcome for call in self.calls)

    async def next_ok(self, *, within_seconds: float = 30.0) -> None:
        """Wait until a report that is sent from now on is acknowledged."""
        started = time.monotonic()
        async with asyncio.timeout(within_seconds):
            while not any(c.outcome == "ok" and c.sent_at > started for c in self.calls[-50:]):
                await asyncio.sleep(0.02)

    def outage_seconds(self, *, since: float, until: float = float("inf")) -> float:
        """The longest time around (*since*, *until*) without any acknowledged report."""
        times = sorted(call.responded_at for call in self.calls if call.outcome == "ok")
        gaps = pairwise(times)
        return max((b - a for a, b in gaps if b >= since and a <= until), default=float("inf"))


@dataclass
class Differences:
    """Differences between the history and the database; without any, all lists are empty."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True if there is no difference."""
        return not (self.lost or self.invented or self.doubled or self.shrunk)


def check(history: History, rows: Iterable[Mapping[str, Any]]) -> Differences:
    """Compare *history* with *rows*, the ``watch_progress`` documents of its students."""
    differences = Differences()
    stored: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        stored[row["student_id"], row["material_id"]].append(row)
    calls: dict[Key, list[Call]] = defaultdict(list)
    for call in history.calls:
        calls[call.key].append(call)
    for key in stored.keys() | calls.keys():
        _check_record(differences, key, calls.get(key, []), stored.get(key, []))
    _check_readings(differences, history)
    return differences


def _check_record(
    differences: Differences, key: Key, calls: Sequence[Call], rows: Sequence[Mapping[str, Any]]
) -> None:
    acknowledged = [call for call in calls if call.outcome == "ok"]
    possible = [call for call in calls if call.outcome != "failed"]
    if len(rows) > 1:
        differences.doubled.append(f"{key} has {len(rows)} rows")
    if rows and not possible:
        differences.invented.append(f"{key} was never reported")
    elif acknowledged and not rows:
        differences.lost.append(f"{key} has no row")
    elif rows:
        _check_position(differences, key, acknowledged, possible, rows[0])
        _check_spans(differences, key, acknowledged, possible, rows[0])
        _check_completion(differences, key, acknowledged, possible, rows[0])
        _check_devices(differences, key, acknowledged, possible, rows[0])


def _check_position(
    differences: Differences,
    key: Key,
    acknowledged: Sequence[Call],
    possible: Sequence[Call],
    row: Mapping[str, Any],
) -> None:
    stored = row["last_watched"], row["watch_time"], row["total_duration"]
    sources = [call.position_key for call in possible if call.position_key[1:] == stored]
    newest = max((call.position_key for call in acknowledged), default=None)
    if not sources:
        differences.invented.append(f"{key} is at {stored}, which was never reported")
    elif newest is not None and max(sources) < newest:
        differences.lost.append(f"{key} is at {stored}, but was acknowledged at {newest}")


def _check_spans(
    differences: Differences,
    key: Key,
    acknowledged: Sequence[Call],
    possible: Sequence[Call],
    row: Mapping[str, Any],
) -> None:
    stored = [(start, end) for start, end in row.get("watched_spans", ())]
    if list(merge_spans(stored)) != stored:
        differences.doubled.append(f"{key} has overlapping spans: {stored}")
    if missing := _outside(_union(acknowledged), stored):
        differences.lost.append(f"{key} was acknowledged to have played {missing}")
    if extra := _outside(stored, _union(possible)):
        differences.invented.append(f"{key} has {extra}, which was never played")


def _check_completion(
    differences: Differences,
    key: Key,
    acknowledged: Sequence[Call],
    possible: Sequence[Call],
    row: Mapping[str, Any],
) -> None:
    stored = row.get("completed_at")
    earliest = min((call.position_key[1] for call in acknowledged if call.completes), default=None)
    if earliest is not None and (stored is None or stored > earliest):
        differences.lost.append(f"{key} was acknowledged as complete at {earliest}, not {stored}")
    if stored is not None and stored not in {
        call.position_key[1] for call in possible if call.completes
    }:
        differences.invented.append(f"{key} is complete at {stored}, which was never reported")


def _check_devices(
    differences: Differences,
    key: Key,
    acknowledged: Sequence[Call],
    possible: Sequence[Call],
    row: Mapping[str, Any],
) -> None:
    names = [device["device_id"] for device in row.get("devices", ())]
    for name in set(names):
        if names.count(name) > 1:
            differences.doubled.append(f"{key} has the device {name} {names.count(name)} times")
    for name in set(names) - {call.body.get("device_id") for call in possible}:
        differences.invented.append(f"{key} has the device {name}, which was never used")
    for name in {call.body.get("device_id") for call in acknowledged} - {None} - set(names):
        differences.lost.append(f"{key} lacks the device {name}")


@dataclass
class _KnownState:
    """The certain state of a video, as one client knows it."""

    spans: list[Span] = field(default_factory=list)
    completed: bool = False
    watched_at: datetime | None = None


def _check_readings(differences: Differences, history: History) -> None:
    known: dict[tuple[str, Key], _KnownState] = defaultdict(_KnownState)
    for entry in history.entries:
        known_state = known[entry.client, entry.key]
        if isinstance(entry, Reading):
            _check_reading(differences, entry, known_state)
        elif entry.outcome == "ok":
            known_state.spans = [*known_state.spans, *entry.spans]
            known_state.completed = known_state.completed or entry.completes
            if entry.position_key[0]:
                known_state.watched_at = max(
                    filter(None, (known_state.watched_at, entry.position_key[1]))
                )


def _check_reading(differences: Differences, reading: Reading, known_state: _KnownState) -> None:
    status = reading.status
    spans = [(start, end) for start, end in status["watched_spans"]]
    watched_at = _utc(status["last_watched"]) if status["last_watched"] else None
    subject = f"{reading.client} at {reading.key}"
    if missing := _outside(known_state.spans, spans):
        differences.shrunk.append(f"{subject} no longer saw {missing}")
    if known_state.completed and not status["completed"]:
        differences.shrunk.append(f"{subject} no longer saw it complete")
    if known_state.watched_at is not None and (
        watched_at is None or watched_at < known_state.watched_at
    ):
        differences.shrunk.append(f"{subject} saw {watched_at} after {known_state.watched_at}")
    known_state.spans, known_state.completed = spans, status["completed"]


def _union(calls: Iterable[Call]) -> list[Span]:
    return list(
        merge_spans(
            (span for call in calls for span in call.spans), join_gap_seconds=JOIN_GAP_SECONDS
        )
    )


def _outside(inner: Iterable[Span], outer: Iterable[Span]) -> list[Span]:
    """The spans of *inner* that no span of *outer* covers."""
    covers = [(start - ROUNDING_SECONDS, end + ROUNDING_SECONDS) for start, end in outer]
    return [
        (start, end)
        for start, end in inner
        if not any(first <= start and end <= last for first, last in covers)
    ]


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
