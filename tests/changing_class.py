"""A class in memory that changes one learner at a time, with the releases that teachers poll."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.course_measures import CourseMeasures, measure_course
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import NOON, a_video
from tests.published_class import Member, Published
from tests.synthetic_class import WatchRecord, count_record

LENGTH = 12.0
PARTS = 12
WEEKS = 4


@dataclass(frozen=True)
class Event:
    """What somebody sees of a learner: who did something, and when."""

    learner: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class Observation:
    """Numbers of a group (``""`` is everyone) as they were published for that time."""

    cohort: str
    as_of: datetime
    viewers: int = 0  # Who is counted, and how many of them may have left: both follow from events.
    departed: int = 0
    moved: int = 0
    video: VideoMeasures | None = None
    course: CourseMeasures | None = None


class ChangingClass:
    """Learners join, watch, are erased and move between cohorts, one at a time."""

    def __init__(self, seed: int, *, k: int, polled: bool = True) -> None:
        self.rng = random.Random(seed)
        size = self.rng.randint(6, 60)
        self.privacy = KAnonymity(k)
        self._polled = polled
        self.members: dict[str, Member] = {}
        self.away: dict[str, WatchRecord | None] = {}
        self.events: list[Event] = []
        self.observations: list[Observation] = []
        self.truth: dict[str, list[WatchRecord]] = defaultdict(list)  # after each event
        self._known: set[tuple[str, str, datetime]] = set()
        self._video = Published(ClassCounts(), k, length=LENGTH)
        self._course = Published(CourseCounts(), k, length=LENGTH)
        self._hot = self.rng.sample(range(1, 9), 2)  # parts where many stop
        self._keen = {f"learner-{n}": self.rng.choice([1, 1, 2, 2, 3, 4]) for n in range(size)}
        self._limit = {  # Half of the learners never come close to the end.
            name: self.rng.choice([LENGTH, self.rng.uniform(4, 9)]) for name in self._keen
        }
        self._run(size)

    def _run(self, size: int) -> None:
        steps = [(name, "watch") for name, times in self._keen.items() for _ in range(times)]
        steps += [(f"learner-{n}", "erase") for n in range(size) if self.rng.random() < 0.06]
        steps += [(f"learner-{n}", "move") for n in range(size) if self.rng.random() < 0.12]
        self.rng.shuffle(steps)
        step = timedelta(weeks=WEEKS) / (len(steps) * 1.5 + size)
        now = NOON
        # Most learners join in the first days; some in the middle.
        joins = sorted(self.rng.random() ** 2 * len(steps) * 0.7 for _ in range(size))
        waiting = [f"learner-{n}" for n in range(size)]
        for index, (name, kind) in enumerate(steps):
            while waiting and joins[size - len(waiting)] <= index:
                now += step
                self._event(waiting.pop(0), "join", now)
            now += step
            if name in self.away:
                self._event(name, "rejoin", now)
                now += step
            if name not in self.members:
                continue
            self._event(name, "leave" if kind == "move" else kind, now)

    def _event(self, name: str, kind: str, now: datetime) -> None:
        if kind in ("join", "rejoin"):
            record = self.away.pop(name, None)
            self.members[name] = Member(now, record)
            if record is not None:
                self.members[name].counts = count_record(record)
        elif kind == "watch":
            self._watch(name, now)
        else:
            member = self.members.pop(name)
            if kind == "leave":
                self.away[name] = member.record
        self.events.append(Event(name, kind, now))
        if self._polled:
            self._poll(now)

    def _watch(self, name: str, now: datetime) -> None:
        rng, member = self.rng, self.members[name]
        record = member.record or WatchRecord(LENGTH)
        start = record.position
        limit = self._limit[name]
        if rng.random() < (0.45 if record.sessions else 0.2) or start > limit - 3.1:
            start = rng.uniform(0, limit - 3.1)
        end = min(limit, start + rng.uniform(3.1, 6))
        stops = [part for part in self._hot if start + 3 <= part < end]
        if stops and rng.random() < 0.6:
            end = float(rng.choice(stops)) + 0.5
        record = record.after([(start, end)], at=now, new_session=rng.random() < 0.6)
        member.record, member.counts = record, count_record(record)
        self.truth[name].append(record)

    def _poll(self, now: datetime) -> None:
        self._video.poll(self.members, now)
        for cohort, video in self._video.told().items():
            if self._is_new("video", cohort, video.as_of):
                measures = measure(
                    video.counts, self.privacy, duration_seconds=LENGTH, video=a_video()
                )
                self.observations.append(
                    Observation(
                        cohort,
                        video.as_of,
                        video.counts.viewers,
                        video.departed,
                        video.moved,
                        video=measures,
                    )
                )
        self._course.poll(self.members, now)
        for cohort, course in self._course.told().items():
            if self._is_new("course", cohort, course.as_of):
                told = measure_course(course.counts, self.privacy, is_cohort=bool(cohort))
                self.observations.append(
                    Observation(
                        cohort,
                        course.as_of,
                        course.counts.started,
                        course.departed,
                        course.moved,
                        course=told,
                    )
                )

    def _is_new(self, what: str, cohort: str, as_of: datetime) -> bool:
        key = (what, cohort, as_of)
        is_new = key not in self._known
        self._known.add(key)
        return is_new
