"""What a teacher who polls after each single event can infer of single learners.

The attacker knows who did something when, sees every published number of the class and of its
cohorts, and knows base rates. Blind guessing knows the same, but only the last release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from tests.changing_class import PARTS, ChangingClass
from tests.differencing_attack import BaseRates, infer_exits, infer_part
from tests.proven_kinds import proven_kinds
from tests.published_evidence import DONE, Seen, evidence, last_release

CLASSES = 200
EXACT_CLASSES = 2
Fact = tuple[str, str, int]
"""(kind, learner, part)."""
MAX_ADVANTAGE = 0.03
MAX_CERTAINTY = 0.995


@dataclass
class Outcome:
    """How often guesses were right, by kind of fact."""

    facts: Counter[str] = field(default_factory=Counter)
    blind: Counter[str] = field(default_factory=Counter)
    attack: Counter[str] = field(default_factory=Counter)
    sure: Counter[str] = field(default_factory=Counter)  # more than `MAX_CERTAINTY`
    sure_and_right: Counter[str] = field(default_factory=Counter)
    proven: Counter[str] = field(default_factory=Counter)

    def advantage(self, kind: str) -> float:
        return (self.attack[kind] - self.blind[kind]) / self.facts[kind]

    def certainty(self, kind: str) -> float:
        """How often those facts are right that the attacker is surest of."""
        return self.sure_and_right[kind] / self.sure[kind] if self.sure[kind] else 0.0

    def table(self, k: int) -> str:
        lines = [f"k = {k}", "kind        facts  blind  attack  advantage  sure: right  proven"]
        lines += [
            f"{kind:<10}  {self.facts[kind]:5}  {self.blind[kind] / self.facts[kind]:5.1%}  "
            f"{self.attack[kind] / self.facts[kind]:6.1%}  {self.advantage(kind):+9.1%}  "
            f"{self.sure[kind]:4}: {self.certainty(kind):5.1%}  {self.proven[kind]:6}"
            for kind in self.facts
        ]
        return "\n".join(lines)


@pytest.fixture(scope="module")
def rates() -> BaseRates:
    return BaseRates.of(ChangingClass(10_000 + n, k=1, polled=False) for n in range(60))


def truth_of(world: ChangingClass, parts: Sequence[int]) -> dict[Fact, int]:
    truth: dict[Fact, int] = {}
    for name in world.members.keys() & world.truth.keys():
        record = world.truth[name][-1]
        left = DONE if record.exit_part is None else record.exit_part
        truth |= {("part", name, part): record.seen()[part] for part in parts}
        truth |= {("exit", name, 0): left, ("completion", name, 0): int(left == DONE)}
    return truth


def guesses(
    world: ChangingClass, found: Sequence[Seen], rates: BaseRates, parts: Sequence[int], seed: int
) -> Iterator[tuple[Fact, int, float]]:
    """For each fact, the most probable value and how sure it is."""
    plays = {name: len(records) for name, records in world.truth.items()}

    def best(fact: Fact, weights: Sequence[float]) -> tuple[Fact, int, float]:
        value = max(range(len(weights)), key=weights.__getitem__)
        return fact, value, weights[value]

    for part in parts:
        for name, weights in infer_part(found, plays, rates, part, seed).items():
            yield best(("part", name, part), weights)
    for name, weights in infer_exits(found, plays, rates, seed).items():
        yield best(("exit", name, 0), weights)
        yield best(("completion", name, 0), [1 - weights[DONE], weights[DONE]])


def attacked(seeds: Iterable[int], rates: BaseRates, *, k: int) -> Outcome:
    outcome = Outcome()
    for seed in seeds:
        world = ChangingClass(seed, k=k)
        found = evidence(world)
        parts = [seed % PARTS]
        truth = truth_of(world, parts)
        outcome.facts.update(kind for kind, _, _ in truth)
        for fact, value, _ in guesses(world, last_release(found), rates, parts, seed):
            outcome.blind[fact[0]] += truth.get(fact) == value
        for fact, value, sure in guesses(world, found, rates, parts, seed):
            is_right = truth.get(fact) == value
            outcome.attack[fact[0]] += is_right
            if fact in truth and sure > MAX_CERTAINTY:
                outcome.sure[fact[0]] += 1
                outcome.sure_and_right[fact[0]] += is_right
        outcome.proven.update(proven_kinds(world, found))
    print(f"\n{outcome.table(k)}")  # noqa: T201
    return outcome


def test_attack_on_releases_is_hardly_better_than_blind_guessing(rates: BaseRates):
    outcome = attacked(range(CLASSES), rates, k=5)

    assert all(outcome.advantage(kind) <= MAX_ADVANTAGE for kind in outcome.facts)
    assert all(outcome.certainty(kind) <= MAX_CERTAINTY for kind in outcome.facts)
    assert not outcome.proven


def test_attack_succeeds_without_protection(rates: BaseRates):
    outcome = attacked(range(EXACT_CLASSES), rates, k=1)

    assert all(outcome.advantage(kind) > 0.1 for kind in outcome.facts)
    assert all(outcome.certainty(kind) > MAX_CERTAINTY for kind in outcome.facts)
    assert all(outcome.proven[kind] for kind in outcome.facts)
