"""An attacker who polls what is published of a class, knows who did something when, and infers.

Everything is Bayesian: base rates of what a learner does are known, and Gibbs sampling draws what
all learners did, given the numbers of the releases. Blind guessing is the same with the numbers of
the last release alone. Few short chains are an approximation: how sure it is must be calibrated.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.changing_class import PARTS, ChangingClass
from tests.published_evidence import DONE, Bounds, Seen

CHAINS, SWEEPS, BURN_IN = 4, 3, 1
STRENGTH = 4.0  # The logarithm of how much less likely a violated bound makes a state.
PENALTIES = [math.exp(-STRENGTH * violated) for violated in range(41)]

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
        self._bounds = bounds  # for each observation, by state
        self._counts = [[0] * len(each) for each in bounds]
        self._costs = [[_cost(0, each) for each in row] for row in bounds]

    def costs(self, places: Iterable[int]) -> list[int]:
        """For each state, how many more bounds one more learner in it violates in *places*."""
        rows = [self._costs[i] for i in places]
        return list(map(sum, zip(*rows, strict=True))) if len(rows) > 1 else rows[0]

    def move(self, places: Iterable[int], state: State, by: int) -> None:
        for i in places:
            self._counts[i][state] += by
            self._costs[i][state] = _cost(self._counts[i][state], self._bounds[i][state])


def _cost(number: int, bounds: Bounds) -> int:
    """Whether one more than *number* satisfies (-1) or violates (1) one bound."""
    low, high = bounds
    return -1 if number < low else int(number >= high)


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
                    cells.move([i], path[number - 1], 1)
            for _ in range(3):
                for name in sorted(changed):
                    here = [i for i in places if name in self._found[i].plays]
                    self._resample(cells, name, paths[name], len(paths[name]) - 1, here)
        for name, path in paths.items():
            self._extend(path, self._plays[name])
        return cells, paths

    def _extend(self, path: list[State], number: int) -> None:
        while len(path) < number:
            path.append(self._draw(self._chances.of(path, len(path)), 1.0))

    def _draw(self, weights: Sequence[float], whole: float) -> State:
        left = self._rng.random() * whole
        for state, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return state
        return max(self._states, key=weights.__getitem__)  # Rounding errors add up.

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
                w * PENALTIES[min(cost - least, 40)] if w else 0.0
                for w, cost in zip(weights, costs, strict=True)
            ]
        whole = sum(weights)
        new = path[play] = self._draw(weights, whole) if whole > 0 else old
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
