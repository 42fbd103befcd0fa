"""The measures of a class, computed from its reports in plain Python, one learner after another."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Spans = list[tuple[float, float]]
Body = Mapping[str, Any]


def union(spans: Iterable[Sequence[float]]) -> Spans:
    """The disjoint spans that cover the same; those at most a second apart are joined."""
    joined: Spans = []
    for start, end in sorted((s, e) for s, e in spans):
        if joined and start - joined[-1][1] <= 1.0:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def seconds(spans: Spans) -> float:
    return sum(end - start for start, end in spans)


@dataclass
class Learner:
    """What one learner's reports, in the order of their times, say."""

    bodies: Sequence[Body]
    length: float
    threshold: float
    spans: Spans = field(init=False)
    sessions: dict[str | None, tuple[float, Spans]] = field(init=False)

    def __post_init__(self) -> None:
        self.spans = union(span for body in self.bodies for span in body.get("played", ()))
        by_session: defaultdict[str | None, list[Body]] = defaultdict(list)
        for body in self.bodies:
            if "session_id" in body or "played_seconds" in body:
                by_session[body.get("session_id")].append(body)
        self.sessions = {}
        for name, bodies in by_session.items():
            spans = union(span for body in bodies for span in body.get("played", ()))
            spans = spans if name is not None else []
            played = max([seconds(spans), *(body.get("played_seconds", 0.0) for body in bodies)])
            self.sessions[name] = (played, spans)

    @property
    def position(self) -> float:
        last: float = self.bodies[-1]["watch_time"]
        return last

    @property
    def is_viewer(self) -> bool:
        return seconds(self.spans) >= 3 or (not self.spans and self.position >= 3)

    @property
    def is_completed(self) -> bool:
        ends = (body["watch_time"] for body in self.bodies)
        return any(self.length - e <= 1 or e / self.length * 100 >= self.threshold for e in ends)

    @property
    def furthest(self) -> float:
        ends = [end for _, end in self.spans]
        return max(0.0, *(float(body["watch_time"]) for body in self.bodies), *ends)

    def has_seen(self, spans: Spans, part: int, part_seconds: float) -> bool:
        start, end = part * part_seconds, (part + 1) * part_seconds
        within = sum(max(0.0, min(e, end) - max(s, start)) for s, e in spans)
        return within >= part_seconds / 2 - 1e-9


def model(
    class_reports: Mapping[str, Sequence[Body]], *, length: float, threshold: float = 80.0
) -> dict[str, Any]:
    """The exact measures; *class_reports* has the reports of each enrolled learner."""
    learners = [Learner(b, length, threshold) for b in class_reports.values() if b]
    viewers = [learner for learner in learners if learner.is_viewer]
    completed = [learner for learner in learners if learner.is_completed]
    played = [each for learner in learners for each in learner.sessions.values()]
    starts = sum(played_seconds >= 1 for played_seconds, _ in played)
    views = sum(played_seconds >= min(30, length / 2) for played_seconds, _ in played)
    total = sum(played_seconds for played_seconds, _ in played)
    shares = [min(seconds(one.spans) / length, 1) * 100 for one in viewers]
    return {
        "duration_seconds": length,
        "learners": {
            "enrolled": len(class_reports),
            "viewers": len(viewers),
            "completed": len(completed),
        },
        "starts": starts,
        "views": views,
        "watch_seconds_total": total,
        "average_watch_seconds_per_view": total / views if views else None,
        "average_watch_seconds_per_viewer": total / len(viewers) if viewers else None,
        "average_percentage_viewed": sum(shares) / len(viewers) if viewers else None,
        "completion_rate_of_viewers": (
            sum(one.is_completed for one in viewers) / len(viewers) if viewers else None
        ),
        "completion_rate_of_enrolled": (
            len(completed) / len(class_reports) if class_reports else None
        ),
        "curves": curves(learners, viewers, length),
    }


def curves(learners: Sequence[Learner], viewers: Sequence[Learner], length: float) -> Any:
    parts = min(100, math.ceil(length))
    size = length / parts
    found: dict[str, Any] = defaultdict(list)
    for part in range(parts):
        seen = sum(one.has_seen(one.spans, part, size) for one in viewers)
        heat = sum(
            one.has_seen(spans, part, size)
            for one in learners
            for _, spans in one.sessions.values()
        )
        left = sum(
            not one.is_completed and min(int(one.position / size), parts - 1) == part
            for one in viewers
        )
        there = sum(one.furthest >= (part + 1) * size - 1e-9 for one in viewers)
        found["retention"].append(_share(seen, len(viewers)))
        found["heat"].append(heat)
        found["replays"].append(max(0, heat - seen))
        found["survival"].append(_share(there, len(viewers)))
        found["exits"].append(_share(left, len(viewers)))
    return {"part_seconds": size, **found}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
