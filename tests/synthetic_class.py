"""Learners of a class as plain values, and what is counted of them.

`flat_class`, `with_cliff` and `with_replays` make believable classes from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from progress_service.domain.class_counts import (
    START_SECONDS,
    VIEWER_SECONDS,
    ClassCounts,
    part_count,
    view_seconds,
)
from progress_service.domain.intervals import Span, merge_spans, total_seconds
from tests.builders import NOON

COMPLETE_AT_SHARE = 0.8
_EPSILON = 1e-9


@dataclass(frozen=True)
class WatchRecord:
    """What one learner has done with one video of that length."""

    length: float
    sessions: tuple[tuple[Span, ...], ...] = ()
    position: float = 0.0
    furthest: float = 0.0
    completed_at: datetime | None = None
    stored_at: datetime = NOON

    def after(self, spans: Sequence[Span], *, at: datetime, new_session: bool) -> WatchRecord:
        """The record once *spans* were played, the last one up to the new position."""
        kept = self.sessions if new_session or not self.sessions else self.sessions[:-1]
        last = () if new_session or not self.sessions else self.sessions[-1]
        position = spans[-1][1]
        furthest = max(self.furthest, *(end for _, end in spans))
        is_done = furthest >= COMPLETE_AT_SHARE * self.length - _EPSILON
        return replace(
            self,
            sessions=(*kept, merge_spans([*last, *spans])),
            position=position,
            furthest=furthest,
            completed_at=self.completed_at or (at if is_done else None),
            stored_at=at,
        )

    @property
    def is_viewer(self) -> bool:
        return total_seconds(self.spans) >= VIEWER_SECONDS

    @property
    def spans(self) -> tuple[Span, ...]:
        return merge_spans(span for session in self.sessions for span in session)

    @property
    def exit_part(self) -> int | None:
        """The part of the newest position; ``None`` once the video is completed."""
        if self.completed_at is not None:
            return None
        parts = part_count(self.length)
        return min(int(self.position / self.length * parts), parts - 1)

    def seen(self) -> list[int]:
        """1 for each part that was seen, else 0."""
        return _parts_in(self.spans, self.length)


def _parts_in(spans: Iterable[Span], length: float) -> list[int]:
    parts = part_count(length)
    size = length / parts
    within = [0.0] * parts
    for start, end in spans:
        for part in range(int(start / size), min(int(end / size) + 1, parts)):
            within[part] += max(0.0, min(end, (part + 1) * size) - max(start, part * size))
    return [int(seconds >= size / 2 - _EPSILON) for seconds in within]


def count_record(record: WatchRecord) -> ClassCounts:
    """The counts of one learner who is enrolled and has *record*."""
    length, parts = record.length, part_count(record.length)
    viewer, size = record.is_viewer, length / parts
    played = [total_seconds(session) for session in record.sessions]
    sessions = [_parts_in(session, length) for session in record.sessions]
    heat = [sum(each[part] for each in sessions) for part in range(parts)]
    starts = sum(seconds >= START_SECONDS for seconds in played)
    return ClassCounts(
        enrolled=1,
        viewers=int(viewer),
        completed=int(record.completed_at is not None),
        completed_viewers=int(viewer and record.completed_at is not None),
        players=int(starts > 0),
        starts=starts,
        views=sum(seconds >= view_seconds(length) for seconds in played),
        watch_seconds=sum(played),
        watched_shares=total_seconds(record.spans) / length if viewer else 0.0,
        seen=tuple(record.seen()) if viewer else (0,) * parts,
        heat=tuple(heat),
        replayers=tuple(int(number > 1) for number in heat),
        exits=tuple(int(viewer and record.exit_part == part) for part in range(parts)),
        survival=tuple(
            int(viewer and record.furthest >= (part + 1) * size - _EPSILON) for part in range(parts)
        ),
    )


def count_class(records: Iterable[WatchRecord]) -> ClassCounts:
    """The counts of a class."""
    return sum(map(count_record, records), ClassCounts())


# -- believable classes ----------------------------------------------------------------------------


def flat_class(
    rng: random.Random, *, learners: int = 200, length: float = 600
) -> list[WatchRecord]:
    """A class without a special place: leaving and replays are spread evenly over the video.

    25 to 45 % leave before the end. Half of the learners watch in several sessions, and every
    second one plays some stretch again.
    """
    leavers = int(learners * rng.uniform(0.25, 0.45))
    stops = [length * (number + rng.random()) / leavers for number in range(leavers)]
    stops += [length] * (learners - leavers)
    replays = [length * (number + rng.random()) / learners for number in range(learners)]
    rng.shuffle(replays)
    return [_watched(rng, length, stop, again) for stop, again in zip(stops, replays, strict=True)]


def _watched(rng: random.Random, length: float, stop: float, again: float) -> WatchRecord:
    record = WatchRecord(length)
    stop = max(stop, VIEWER_SECONDS)
    pauses = sorted(rng.uniform(0, stop) for _ in range(rng.choice([0, 0, 1, 2])))
    for start, end in zip([0.0, *pauses], [*pauses, stop], strict=True):
        record = record.after([(start, end)], at=NOON, new_session=True)
    if again < stop and rng.random() < 0.5:
        record = replayed(record, again, min(again + rng.uniform(6, 20), stop))
    return record


def replayed(record: WatchRecord, start: float, end: float) -> WatchRecord:
    """*record* with one more session from *start* to *end*; the position stays where it was."""
    after = record.after([(start, end)], at=NOON, new_session=True)
    return replace(after, position=record.position)


def with_cliff(
    rng: random.Random, records: Iterable[WatchRecord], at_seconds: float, *, share: float
) -> list[WatchRecord]:
    """That *share* of the learners who come by leave within six seconds of *at_seconds*."""
    return [
        _cut(record, at_seconds + rng.uniform(0, 6))
        if record.furthest > at_seconds + 6 and rng.random() < share
        else record
        for record in records
    ]


def _cut(record: WatchRecord, stop: float) -> WatchRecord:
    cut = WatchRecord(record.length)
    for session in record.sessions:
        if spans := [(start, min(end, stop)) for start, end in session if start < stop]:
            cut = cut.after(spans, at=NOON, new_session=True)
    return replace(cut, position=stop)


def with_replays(
    rng: random.Random, records: Iterable[WatchRecord], at_seconds: float, *, share: float
) -> list[WatchRecord]:
    """That *share* of the learners who come by play some 15 seconds from *at_seconds* again."""
    return [
        replayed(record, at_seconds + rng.uniform(-1, 1), at_seconds + rng.uniform(13, 17))
        if record.furthest > at_seconds + 20 and rng.random() < share
        else record
        for record in records
    ]
