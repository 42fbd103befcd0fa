"""What the published numbers of a class say about who is in which state, as bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.cohorts import cohort_of
from progress_service.domain.course_counts import TENTHS, CourseCounts
from progress_service.domain.course_measures import measure_course
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import a_video
from tests.changing_class import LENGTH, PARTS, ChangingClass, Observation

DONE = PARTS  # In the place of an exit part.
Bounds = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """One group at one time: for each learner with a record, after how many plays; the bounds."""

    key: tuple[str, datetime]
    plays: Mapping[str, int]
    seen: Sequence[Bounds]
    left: Sequence[Bounds]  # by exit part, and completed
    reached: Sequence[Bounds] = ()  # by part
    tenths: Sequence[Bounds] = ()
    completed_on: Mapping[str, Bounds] = field(default_factory=dict)


def numbers_of(video: VideoMeasures, part: int, k: int) -> tuple[object, object, object, object]:
    """What is published of the seen part, the exit, the completion."""
    curves = video.curves
    # Exact heat may be less than the viewers: several sessions may have seen a part together.
    first_views = [heat - more for heat, more in zip(curves.heat, curves.replays, strict=True)]
    return (
        (curves.retention[part], first_views[part] if k > 1 else None),
        curves.exits[part],
        (video.completed, video.completion_rate_of_viewers),
        curves.survival[part],
    )


@cache
def inverted(k: int, viewers: int) -> tuple[dict[object, Bounds], ...]:
    """For each kind of number, the exact counts that are published as it."""
    found: tuple[dict[object, Bounds], ...] = ({}, {}, {}, {})
    for count in range(viewers + 1):
        counts = ClassCounts(
            enrolled=viewers,
            viewers=viewers,
            completed=count,
            completed_viewers=count,
            seen=(count,),
            heat=(count,),
            replayers=(0,),
            exits=(count,),
            survival=(count,),
        )
        told = measure(counts, KAnonymity(k), duration_seconds=LENGTH, video=a_video())
        for by_number, number in zip(found, numbers_of(told, 0, k), strict=True):
            low, high = by_number.get(number, (count, count))
            by_number[number] = (min(low, count), max(high, count))
    return found


def evidence(world: ChangingClass) -> list[Seen]:
    """What the published numbers say, in the order of their times."""
    found = []
    for told in sorted(world.observations, key=lambda o: (o.as_of, o.cohort)):
        if told.course is not None and told.course.completed is not None:
            found.append(_of_course(world, told, told.course.completed))
        if told.video is None or not told.video.curves.heat:
            continue
        plays = class_at(world, told.as_of)[told.cohort]
        by_seen, by_exit, by_done, by_reached = inverted(world.privacy.k, told.viewers)
        numbers = [numbers_of(told.video, part, world.privacy.k) for part in range(PARTS)]
        found.append(
            Seen(
                (told.cohort, told.as_of),
                plays,
                [_less(by_seen[seen], told.departed) for seen, _, _, _ in numbers],
                [
                    *(_less(by_exit[left], told.moved) for _, left, _, _ in numbers),
                    _less(by_done[numbers[0][2]], told.departed),
                ],
                [_less(by_reached[reached], told.departed) for _, _, _, reached in numbers],
            )
        )
    return found


def _of_course(world: ChangingClass, told: Observation, completed: int) -> Seen:
    """What a course of one video says: how many have completed it."""
    plays = class_at(world, told.as_of).get(told.cohort, {})
    anything = (0, len(plays))
    by_done, by_tenth, by_day = inverted_course(world.privacy.k, told.viewers)
    assert told.course is not None
    days = {f"{event.at:%Y-%m-%d}" for event in world.events if event.at <= told.as_of}
    per_day = dict(told.course.completed_on)
    return Seen(
        (f"course {told.cohort}", told.as_of),
        plays,
        [anything] * PARTS,
        [*[anything] * PARTS, _less(by_done[completed], told.departed)],
        # Who is enrolled and has not started is in the first tenth, too.
        tenths=[anything, *(_less(by_tenth[n], told.moved) for n in told.course.tenths[1:])]
        if told.course.tenths
        else [anything] * TENTHS,
        completed_on={day: _less(by_day[per_day.get(day)], told.departed) for day in sorted(days)},
    )


@cache
def inverted_course(k: int, viewers: int) -> tuple[dict[object, Bounds], ...]:
    """The same for the completions, the learners in a tenth, and the completions of a day."""
    found: tuple[dict[object, Bounds], ...] = ({}, {}, {})
    for count in range(viewers + 1):
        counts = CourseCounts(
            enrolled=viewers,
            started=viewers,
            completed=count,
            tenths=(viewers - count, count, *(0,) * (TENTHS - 2)),
            completed_on={"day": count} if count else {},
        )
        told = measure_course(counts, KAnonymity(k))
        on_day = dict(told.completed_on).get("day")
        for by_number, number in zip(found, (told.completed, told.tenths[1], on_day), strict=True):
            low, high = by_number.get(number, (count, count))
            by_number[number] = (min(low, count), max(high, count))
    return found


def _less(bounds: Bounds, departed: int) -> Bounds:
    """*bounds* of a number that may contain learners who left."""
    return max(0, bounds[0] - departed), bounds[1]


def class_at(world: ChangingClass, at: datetime) -> dict[str, dict[str, int]]:
    """Who has a record in each cohort and in all (``""``), after how many plays."""
    inside: dict[str, str] = {}
    plays: defaultdict[str, int] = defaultdict(int)
    for event in world.events:
        if event.at > at:
            break
        if event.kind in ("join", "rejoin"):
            inside[event.learner] = cohort_of(event.at)
        elif event.kind == "watch":
            plays[event.learner] += 1
        else:
            del inside[event.learner]
    groups: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, cohort in inside.items():
        if plays[name]:
            groups[""][name] = groups[cohort][name] = plays[name]
    return dict(groups)


def last_release(found: Sequence[Seen]) -> list[Seen]:
    """The newest of each group."""
    return list({seen.key[0]: seen for seen in found}.values())
