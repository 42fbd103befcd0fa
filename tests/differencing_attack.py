"""An attacker who polls what is published of a class, knows who did something when, and infers.

Everything is Bayesian: base rates of what a learner does are known, and Gibbs sampling draws what
all learners did, given the numbers of the releases. Blind guessing is the same with the numbers of
the last release alone. `forced` finds by bounds alone what nothing else can explain.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.cohorts import cohort_of
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.course_measures import measure_course
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import a_video
from tests.changing_class import LENGTH, PARTS, ChangingClass, Observation

DONE = PARTS  # In the place of an exit part.
CHAINS, SWEEPS, BURN_IN = 8, 4, 1
STRENGTH = 4.0  # The logarithm of how much less likely a violated bound makes a state.
Bounds = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """One group at one time: for each learner with a record, after how many plays; the bounds."""

    key: tuple[str, datetime]
    plays: Mapping[str, int]
    seen: Sequence[Bounds]
    left: Sequence[Bounds]  # by exit part, and completed


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
        by_seen, by_exit, by_done, _ = inverted(world.privacy.k, told.viewers)
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
            )
        )
    return found


def _of_course(world: ChangingClass, told: Observation, completed: int) -> Seen:
    """What a course of one video says: how many have completed it."""
    plays = class_at(world, told.as_of).get(told.cohort, {})
    anything = (0, len(plays))
    numbers = [n for n in range(told.viewers + 1) if _course_number(world, told, n) == completed]
    done = _less((min(numbers), max(numbers)), told.departed)
    return Seen(
        (f"course {told.cohort}", told.as_of),
        plays,
        [anything] * PARTS,
        [*[anything] * PARTS, done],
    )


def _course_number(world: ChangingClass, told: Observation, completed: int) -> int | None:
    counts = CourseCounts(enrolled=told.viewers, started=told.viewers, completed=completed)
    return measure_course(counts, world.privacy).completed


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


# -- base rates ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BaseRates:
    """How often a play newly sees a part (by how many were before), and where plays end."""

    new: Sequence[Sequence[float]]
    first: Sequence[float]
    after: Sequence[Sequence[float]]

    @staticmethod
    def of(worlds: Iterable[ChangingClass]) -> BaseRates:
        new = [[[1.0, 2.0] for _ in range(6)] for _ in range(PARTS)]
        first = [0.3] * (PARTS + 1)
        after = [[0.3] * (PARTS + 1) for _ in range(PARTS + 1)]
        for world in worlds:
            for records in world.truth.values():
                states = [record.exit_part for record in records]
                ends = [DONE if state is None else state for state in states]
                first[ends[0]] += 1
                for one, two in pairwise(ends):
                    after[one][two] += 1
                before = [0] * PARTS
                for play, record in enumerate(records):
                    now = record.seen()
                    for part in range(PARTS):
                        if not before[part]:
                            new[part][min(play, 5)][0] += now[part]
                            new[part][min(play, 5)][1] += 1
                    before = now
        after[DONE] = [1e-300] * PARTS + [1.0]
        return BaseRates(
            [[hits / tries for hits, tries in each] for each in new],
            [number / sum(first) for number in first],
            [[number / sum(row) for number in row] for row in after],
        )


# -- inference -------------------------------------------------------------------------------------

State = int
"""Of one part: 0 or 1 (seen). Of exits: the part, or `DONE`."""


class Cells:
    """What must add up: for each observation, how many learners are in which state."""

    def __init__(self, bounds: Sequence[Sequence[Bounds]]) -> None:
        self.bounds = bounds  # for each observation, by state
        self.counts = [[0] * len(each) for each in bounds]
        self.states = range(len(bounds[0]) if bounds else 0)

    def costs(self, places: Iterable[int]) -> list[int]:
        """For each state, how many more bounds one more learner in it violates in *places*."""
        costs = [0] * len(self.states)
        for i in places:
            for state, ((low, high), n) in enumerate(
                zip(self.bounds[i], self.counts[i], strict=True)
            ):
                if n < low:
                    costs[state] -= 1
                elif n >= high:
                    costs[state] += 1
        return costs

    def move(self, places: Iterable[int], state: State, by: int) -> None:
        for i in places:
            self.counts[i][state] += by


@dataclass(frozen=True)
class Chances:
    """How a learner's state changes: of the first play, and from state to state by play."""

    first: Sequence[float]
    after: Sequence[Sequence[Sequence[float]]]  # by play (the last one for later ones), and state

    def of(self, path: Sequence[State], play: int) -> Sequence[float]:
        """Given the state before that play."""
        if play == 0:
            return self.first
        return self.after[min(play, len(self.after)) - 1][path[play - 1]]

    def between(self, path: Sequence[State], play: int) -> list[float]:
        """Given the states before and after that play."""
        before = self.of(path, play)
        if play + 1 >= len(path):
            return list(before)
        onward = self.after[min(play + 1, len(self.after)) - 1]
        return [p * onward[state][path[play + 1]] for state, p in enumerate(before)]


def part_chances(rates: BaseRates, part: int) -> Chances:
    """A part that was seen stays so."""
    new = rates.new[part]
    return Chances([1 - new[0], new[0]], [[[1 - rate, rate], [0.0, 1.0]] for rate in new[1:]])


def exit_chances(rates: BaseRates) -> Chances:
    return Chances(rates.first, [rates.after])


class Sampler:
    """Draws what all learners did, given observations."""

    def __init__(
        self,
        found: Sequence[Seen],
        bounds: Sequence[Sequence[Bounds]],
        plays: Mapping[str, int],
        chances: Chances,
        seed: int,
    ) -> None:
        self._rng = random.Random(seed)
        self._found, self._bounds = found, bounds
        self._chances, self._plays = chances, plays
        self._states = range(len(chances.first))
        self._where: dict[str, list[list[int]]] = {
            n: [[] for _ in range(p)] for n, p in plays.items()
        }
        for i, each in enumerate(found):
            for name, number in each.plays.items():
                self._where[name][number - 1].append(i)

    def run(self) -> dict[str, list[float]]:
        """For each learner, the probability of each state in the end."""
        total = {name: [0.0] * len(self._states) for name in self._plays}
        for _ in range(CHAINS):
            cells, paths = self._started()
            for sweep in range(SWEEPS):
                for name, path in paths.items():
                    for play in range(len(path)):
                        weights = self._resample(cells, name, path, play)
                    if sweep >= BURN_IN:
                        sums = zip(total[name], weights, strict=True)
                        total[name] = [t + w for t, w in sums]
        runs = CHAINS * (SWEEPS - BURN_IN)
        return {name: [t / runs for t in each] for name, each in total.items()}

    def _started(self) -> tuple[Cells, dict[str, list[State]]]:
        """States that explain one release after the other."""
        cells = Cells(self._bounds)
        paths: dict[str, list[State]] = {name: [] for name in self._plays}
        at_once: defaultdict[object, list[int]] = defaultdict(list)
        for i, each in enumerate(self._found):
            at_once[each.key[1]].append(i)
        for places in at_once.values():
            changed = set()
            for i in places:
                for name, number in self._found[i].plays.items():
                    path = paths[name]
                    if len(path) < number:
                        changed.add(name)
                        self._extend(path, number)
                    cells.counts[i][path[number - 1]] += 1
            for _ in range(3):
                for name in sorted(changed):
                    here = [i for i in places if name in self._found[i].plays]
                    self._resample(cells, name, paths[name], len(paths[name]) - 1, here)
        for name, path in paths.items():
            self._extend(path, self._plays[name])
        return cells, paths

    def _extend(self, path: list[State], number: int) -> None:
        while len(path) < number:
            path.append(self._rng.choices(self._states, self._chances.of(path, len(path)))[0])

    def _resample(
        self,
        cells: Cells,
        name: str,
        path: list[State],
        play: int,
        places: Sequence[int] | None = None,
    ) -> list[float]:
        places = self._where[name][play] if places is None else places
        old = path[play]
        cells.move(places, old, -1)
        weights = self._chances.between(path, play)
        if places:
            costs = cells.costs(places)
            least = min(costs)
            weights = [
                w * math.exp(-STRENGTH * (cost - least)) if w else 0.0
                for w, cost in zip(weights, costs, strict=True)
            ]
        whole = sum(weights)
        new = path[play] = self._rng.choices(self._states, weights)[0] if whole > 0 else old
        cells.move(places, new, 1)
        if whole <= 0:
            return [float(state == old) for state in self._states]
        return [w / whole for w in weights]


def infer_part(
    found: Sequence[Seen], plays: Mapping[str, int], rates: BaseRates, part: int, seed: int
) -> dict[str, list[float]]:
    """For each learner, the probability of not having seen the part, and of having, in the end."""
    bounds = []
    for each in found:
        low, high = each.seen[part]
        bounds.append([(len(each.plays) - high, len(each.plays) - low), (low, high)])
    return Sampler(found, bounds, plays, part_chances(rates, part), seed).run()


def infer_exits(
    found: Sequence[Seen], plays: Mapping[str, int], rates: BaseRates, seed: int
) -> dict[str, list[float]]:
    """For each learner, the probability of each exit part, and of completion, in the end."""
    return Sampler(found, [each.left for each in found], plays, exit_chances(rates), seed).run()
