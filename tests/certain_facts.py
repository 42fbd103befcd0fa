"""Finds facts about learners that published numbers prove, by bounds alone.

For each group and time there are bounds of how many learners are in a state. They are tightened by
what adds up: the cohorts make up the class, and between two times only learners who did something
can have changed. A fact is proven where the bounds leave one possibility for each of some learners.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.changing_class import ChangingClass
from tests.published_evidence import Bounds, class_at

ROUNDS = 3


@dataclass
class _Group:
    """The learners of a group at some time, after how many plays, and how many are in the state."""

    plays: dict[str, int]
    low: int
    high: int

    def narrow(self, low: int, high: int) -> None:
        self.low, self.high = max(self.low, low), min(self.high, high)


@dataclass
class _Pair:
    before: _Group
    after: _Group
    gaining: set[str]  # may be in the state only after
    losing: set[str]  # may be in the state only before

    def narrow(self) -> None:
        gain, loss = len(self.gaining), len(self.losing)
        before, after = self.before, self.after
        if after.low < before.low - loss or after.high > before.high + gain:
            after.narrow(before.low - loss, before.high + gain)
        if before.low < after.low - gain or before.high > after.high + loss:
            before.narrow(after.low - gain, after.high + loss)


Proven = set[tuple[str, int]]
"""(learner, after how many plays) in the state, or certainly not in it."""
Key = tuple[str, datetime]
"""A cohort (``""`` is everyone), and when."""


class Proofs:
    """What is known of one class: who was in which group when, and who changed in between."""

    def __init__(self, world: ChangingClass, times: Iterable[datetime]) -> None:
        self._members: dict[Key, dict[str, int]] = {}
        for at in sorted(set(times)):
            for cohort, plays in class_at(world, at).items():
                self._members[cohort, at] = plays
        self._changes = {is_kept: list(self._changed(is_kept)) for is_kept in (True, False)}

    def of(self, known: Iterable[tuple[Key, Bounds]], *, is_kept: bool) -> Proven:
        """Proven facts about one state; *is_kept* when learners never lose it."""
        groups = {key: _Group(plays, 0, len(plays)) for key, plays in self._members.items()}
        for key, bounds in known:
            if key in groups:
                groups[key].narrow(*bounds)
        pairs = [_Pair(groups[one], groups[two], *s) for one, two, *s in self._changes[is_kept]]
        by_time: defaultdict[datetime, list[_Group]] = defaultdict(list)
        for (cohort, at), group in groups.items():
            if cohort:
                by_time[at].append(group)
        for _ in range(ROUNDS):
            before = [(group.low, group.high) for group in groups.values()]
            for at, parts in by_time.items():
                _add_up(groups["", at], parts)
            for pair in pairs:
                pair.narrow()
            if before == [(group.low, group.high) for group in groups.values()]:
                break
        return _proven(groups.values(), pairs)

    def _changed(self, is_kept: bool) -> Iterator[tuple[Key, Key, set[str], set[str]]]:
        """For each two times of a group, who may have come to the state, and who may have left."""
        series: defaultdict[str, list[Key]] = defaultdict(list)
        for key in self._members:
            series[key[0]].append(key)
        for keys in series.values():
            for index, after in enumerate(keys):
                now = self._members[after].items()
                for before in keys[:index]:
                    then = self._members[before]
                    changed = {name for name, _ in now - then.items()}
                    gone = then.keys() - self._members[after].keys()
                    yield (
                        before,
                        after,
                        changed,
                        gone if is_kept else gone | (changed & then.keys()),
                    )


def _add_up(whole: _Group, parts: Sequence[_Group]) -> None:
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    whole.narrow(low, high)
    for part in parts:
        part.narrow(whole.low - (high - part.high), whole.high - (low - part.low))


def _proven(groups: Iterable[_Group], pairs: Sequence[_Pair]) -> Proven:
    proven: Proven = set()
    for group in groups:
        assert group.low <= group.high
        if group.low == len(group.plays) or group.high == 0:
            proven |= set(group.plays.items())
    for pair in pairs:
        before, after = pair.before, pair.after
        rise = len(pair.gaining)
        if rise and (
            after.low - before.high == rise or before.low - len(pair.losing) == after.high
        ):
            proven |= {(name, after.plays[name]) for name in pair.gaining}
        fall = len(pair.losing)
        if fall and (before.low - after.high == fall or after.low - rise == before.high):
            proven |= {(name, before.plays[name]) for name in pair.losing}
    return proven
