"""A believable class in the demo course: who is enrolled when, and what their players report.

Pure and deterministic. A learner depends on the seed and the end, not on the size of the class.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from progress_service.demo.plans import PLANS, Plan
from progress_service.demo.viewing import LENGTHS, viewed
from progress_service.domain.intervals import Span, total_seconds
from progress_service.domain.progress import Report

ENROLS_WITHIN_SHARE = 2 / 3  # Of the days; the last learners need some days to watch.
ENROLS_AT = timedelta(hours=8)  # One list a day.
MAX_BREAK_DAYS = 3.0  # Between two visits, on average.
SLOT = timedelta(minutes=5)  # Longer than the longest clip, also by day only.
DAY_BEGINS_AT, DAY_SHARE = timedelta(hours=7), 16 / 24  # Nobody watches at night.


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a material. Of a reading nothing is played; the learner marks it as done."""

    material_id: str
    started_at: datetime
    session_id: str
    device_id: str
    played: tuple[Span, ...]

    def reports(self) -> list[Report]:
        """What the player reports: where it seeks, and where it stops."""
        if not self.played:
            return []
        length = LENGTHS[self.material_id]
        reports = []
        for number in range(1, len(self.played) + 1):
            spans = self.played[:number]
            is_last = number == len(self.played)
            position = spans[-1][1] if is_last else self.played[number][0]
            seconds = round(total_seconds(spans), 1)
            reports.append(
                Report(
                    position_seconds=position,
                    duration_seconds=length,
                    observed_at=self.started_at + timedelta(seconds=round(seconds)),
                    kind="seek" if not is_last else "ended" if position == length else "pause",
                    device_id=self.device_id,
                    session_id=self.session_id,
                    played=spans,
                    played_seconds=seconds,
                )
            )
        return reports


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner of the class, with all visits in order."""

    student_id: str
    enrolled_at: datetime
    visits: tuple[Visit, ...]


def believable_class(students: int, *, days: int, seed: int, until: datetime) -> list[Learner]:
    """The learners ``demo-001``, ``demo-002``…, who watch in the *days* before *until*."""
    return [
        _learner(number, days=days, seed=seed, until=until) for number in range(1, students + 1)
    ]


def _learner(number: int, *, days: int, seed: int, until: datetime) -> Learner:
    rng = _random(seed, f"learner {number}")
    student_id = f"demo-{number:03d}"
    day = int(rng.random() * max(1.0, days * ENROLS_WITHIN_SHARE))
    enrolled_at = until - timedelta(days=days - day) + ENROLS_AT
    watched = list(viewed(_plan_of(number, seed), rng))
    starts = _start_times(len(watched), rng, after=enrolled_at + timedelta(hours=1), until=until)
    devices = rng.sample(["laptop", "phone", "tablet"], rng.choice([1, 1, 2]))
    visits = tuple(
        Visit(
            material_id,
            started_at,
            session_id=f"{student_id}-visit-{index}",
            device_id=f"{student_id}-{rng.choice(devices)}",
            played=spans,
        )
        for index, ((material_id, spans), started_at) in enumerate(
            zip(watched, starts, strict=True), start=1
        )
    )
    return Learner(student_id, enrolled_at, visits)


def _plan_of(number: int, seed: int) -> Plan:
    """Each block of learners has every plan once, in a random order."""
    block, index = divmod(number - 1, len(PLANS))
    return _random(seed, f"block {block}").sample(PLANS, len(PLANS))[index]


def _start_times(number: int, rng: Random, *, after: datetime, until: datetime) -> list[datetime]:
    """So many times in order, further apart than any clip is long, until *until*."""
    span = timedelta(days=number * rng.uniform(0.5, MAX_BREAK_DAYS))
    free = min(until - after, span) - number * SLOT
    offsets = sorted(rng.random() for _ in range(number))
    return [_by_day(after + offset * free + index * SLOT) for index, offset in enumerate(offsets)]


def _by_day(moment: datetime) -> datetime:
    """*moment*, with the 24 hours of its date compressed into the day; keeps the order."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    by_day = midnight + DAY_BEGINS_AT + (moment - midnight) * DAY_SHARE
    return by_day.replace(microsecond=0)


def _random(seed: int, purpose: str) -> Random:
    return Random(f"{seed}: {purpose}")  # noqa: S311 - no secret
