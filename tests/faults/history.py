"""What clients did and were told, and the check that holds it against what the database has.

A report that was answered "ok" must be in the record; one that was refused must not; of one whose
answer never came both may be true. All rules of the merge are bounds then: what is held lies
between the sum of the acknowledged and the sum of everything that was sent.
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
Place = tuple[bool, datetime, float, float]
"""What "newest" compares: ranks, observed_at, watch_time, total_duration."""
Outcome = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Call:
    """One report of one client, and what became of it. Moments are seconds of a steady clock.

    ``status`` is that of the answer; ``None`` when the connection was lost instead.
    """

    client: str
    key: Key
    body: Mapping[str, Any]
    outcome: Outcome
    sent_at: float
    answered_at: float
    status: int | None = None

    @property
    def place(self) -> Place:
        """Where the report says the student is, comparable by age."""
        position = self.body["watch_time"]
        ranks = self.body.get("kind") == "restart" or position >= LOW_POSITION_SECONDS
        return ranks, _moment(self.body["observed_at"]), position, self.body["total_duration"]

    @property
    def spans(self) -> list[Span]:
        """What the report says was played."""
        return [(start, end) for start, end in self.body.get("played", ())]

    @property
    def completes(self) -> bool:
        """True from the threshold on."""
        return self.body["watch_time"] / self.body["total_duration"] * 100 >= COMPLETE_AT_PERCENT


@dataclass(frozen=True, slots=True)
class Reading:
    """One status that a client was shown."""

    client: str
    key: Key
    status: Mapping[str, Any]


@dataclass
class History:
    """Everything in the order of the answers; each client does one thing at a time."""

    entries: list[Call | Reading] = field(default_factory=list)

    @property
    def calls(self) -> list[Call]:
        """The reports."""
        return [entry for entry in self.entries if isinstance(entry, Call)]

    def keys(self) -> set[Key]:
        """Every student and video that was reported."""
        return {call.key for call in self.calls}

    def count(self, outcome: Outcome) -> int:
        """How many reports ended so."""
        return sum(call.outcome == outcome for call in self.calls)

    async def next_ok(self, *, within_seconds: float = 30.0) -> None:
        """Return when a report that is sent from now on was acknowledged."""
        started = time.monotonic()
        async with asyncio.timeout(within_seconds):
            while not any(c.outcome == "ok" and c.sent_at > started for c in self.calls[-50:]):
                await asyncio.sleep(0.02)

    def outage_seconds(self, *, since: float, until: float = float("inf")) -> float:
        """The longest time around (*since*, *until*) without any acknowledged report."""
        moments = sorted(call.answered_at for call in self.calls if call.outcome == "ok")
        gaps = pairwise(moments)
        return max((b - a for a, b in gaps if b >= since and a <= until), default=float("inf"))


@dataclass
class Verdict:
    """What the history and the database disagree about; empty lists are good."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True when nothing was found."""
        return not (self.lost or self.invented or self.doubled or self.shrunk)


def check(history: History, rows: Iterable[Mapping[str, Any]]) -> Verdict:
    """Hold *history* against *rows*, the ``watch_progress`` documents of its students."""
    verdict = Verdict()
    held: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        held[row["student_id"], row["material_id"]].append(row)
    calls: dict[Key, list[Call]] = defaultdict(list)
    for call in history.calls:
        calls[call.key].append(call)
    for key in held.keys() | calls.keys():
        _check_record(verdict, key, calls.get(key, []), held.get(key, []))
    _check_readings(verdict, history)
    return verdict


def _check_record(
    verdict: Verdict, key: Key, calls: Sequence[Call], rows: Sequence[Mapping[str, Any]]
) -> None:
    must = [call for call in calls if call.outcome == "ok"]
    may = [call for call in calls if call.outcome != "failed"]
    if len(rows) > 1:
        verdict.doubled.append(f"{key} has {len(rows)} rows")
    if rows and not may:
        verdict.invented.append(f"{key} was never reported")
    elif must and not rows:
        verdict.lost.append(f"{key} has no row")
    elif rows:
        _check_place(verdict, key, must, may, rows[0])
        _check_spans(verdict, key, must, may, rows[0])
        _check_completion(verdict, key, must, may, rows[0])
        _check_devices(verdict, key, must, may, rows[0])


def _check_place(
    verdict: Verdict, key: Key, must: Sequence[Call], may: Sequence[Call], row: Mapping[str, Any]
) -> None:
    held = row["last_watched"], row["watch_time"], row["total_duration"]
    sources = [call.place for call in may if call.place[1:] == held]
    newest = max((call.place for call in must), default=None)
    if not sources:
        verdict.invented.append(f"{key} is at {held}, where nobody was")
    elif newest is not None and max(sources) < newest:
        verdict.lost.append(f"{key} is at {held}, but was acknowledged at {newest}")


def _check_spans(
    verdict: Verdict, key: Key, must: Sequence[Call], may: Sequence[Call], row: Mapping[str, Any]
) -> None:
    held = [(start, end) for start, end in row.get("watched_spans", ())]
    if list(merge_spans(held)) != held:
        verdict.doubled.append(f"{key} holds spans that overlap: {held}")
    if missing := _outside(_union(must), held):
        verdict.lost.append(f"{key} was acknowledged to have played {missing}")
    if extra := _outside(held, _union(may)):
        verdict.invented.append(f"{key} holds {extra}, which nobody played")


def _check_completion(
    verdict: Verdict, key: Key, must: Sequence[Call], may: Sequence[Call], row: Mapping[str, Any]
) -> None:
    held = row.get("completed_at")
    earliest = min((call.place[1] for call in must if call.completes), default=None)
    if earliest is not None and (held is None or held > earliest):
        verdict.lost.append(f"{key} was acknowledged as done at {earliest}, not at {held}")
    if held is not None and held not in {call.place[1] for call in may if call.completes}:
        verdict.invented.append(f"{key} is done at {held}, when nobody finished it")


def _check_devices(
    verdict: Verdict, key: Key, must: Sequence[Call], may: Sequence[Call], row: Mapping[str, Any]
) -> None:
    names = [device["device_id"] for device in row.get("devices", ())]
    for name in set(names):
        if names.count(name) > 1:
            verdict.doubled.append(f"{key} holds the device {name} {names.count(name)} times")
    for name in set(names) - {call.body.get("device_id") for call in may}:
        verdict.invented.append(f"{key} knows the device {name}, which nobody used")
    for name in {call.body.get("device_id") for call in must} - {None} - set(names):
        verdict.lost.append(f"{key} does not know the device {name}")


@dataclass
class _Known:
    """What one client knows for certain about its student and a video."""

    spans: list[Span] = field(default_factory=list)
    completed: bool = False
    watched_at: datetime | None = None


def _check_readings(verdict: Verdict, history: History) -> None:
    known: dict[tuple[str, Key], _Known] = defaultdict(_Known)
    for entry in history.entries:
        mine = known[entry.client, entry.key]
        if isinstance(entry, Reading):
            _check_reading(verdict, entry, mine)
        elif entry.outcome == "ok":
            mine.spans = [*mine.spans, *entry.spans]
            mine.completed = mine.completed or entry.completes
            if entry.place[0]:
                mine.watched_at = max(filter(None, (mine.watched_at, entry.place[1])))


def _check_reading(verdict: Verdict, reading: Reading, mine: _Known) -> None:
    status = reading.status
    spans = [(start, end) for start, end in status["watched_spans"]]
    watched_at = _moment(status["last_watched"]) if status["last_watched"] else None
    who = f"{reading.client} at {reading.key}"
    if missing := _outside(mine.spans, spans):
        verdict.shrunk.append(f"{who} no longer saw {missing}")
    if mine.completed and not status["completed"]:
        verdict.shrunk.append(f"{who} no longer saw it done")
    if mine.watched_at is not None and (watched_at is None or watched_at < mine.watched_at):
        verdict.shrunk.append(f"{who} saw {watched_at} after {mine.watched_at}")
    mine.spans, mine.completed = spans, status["completed"]


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


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
