"""Which cohorts are published beside their class, so that the others stay undetermined.

The numbers of a class less those of its published cohorts are those of the rest. Each number is
rounded, but their bounds may meet: if at least 33 of 36 learners have seen a part, and at most 22
in a cohort of 25, then the 11 others all have. So a cohort is suppressed

- where the bounds of all published numbers together leave fewer than k / 2 + 1 possibilities near
  everybody or nobody, and each number alone leaves more;
- where its own bounds come as close to what the numbers of the class, now and earlier, say about
  it: learners keep what they have seen, so a cohort of now also bounds what it was before.

Statistical offices call this complementary suppression.

It makes such a coincidence rarer and does not exclude it: what several cohorts say about an earlier
class is not compared, and a cohort that was published cannot be withdrawn. Of 500 simulated classes
that the rule was not tuned on, the numbers of four still proved something about some learners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from progress_service.domain.k_anonymity import KAnonymity
from progress_service.domain.snapshots import (
    C,
    Counts,
    Group,
    Portion,
    Snapshot,
    is_cohort_publishable,
)

MIN_K_TO_COMPARE = 5  # With a smaller k, bounds are so narrow that hardly any cohort would be left.


@dataclass(frozen=True, slots=True)
class KnownBounds:
    """What the published numbers of a class say about a cohort in it, for each portion.

    The cohort had so many ``viewers``; at ``least`` and at ``most`` so many of them were counted.
    """

    viewers: int
    least: tuple[int, ...]
    most: tuple[int, ...]


def known_bounds(
    before: Mapping[str, KnownBounds],
    held: Snapshot[C] | None,
    whole: Snapshot[C],
    groups: Mapping[str, Group[C]],
    *,
    k: int,
) -> dict[str, KnownBounds]:
    """What is known *before*, of the class as *held*, together with the new *whole*."""
    if k == 1 or whole.counts.viewers < k:
        return {}
    privacy = KAnonymity(k)
    totals = [(*privacy.bounds(*portion), portion[1]) for portion in whole.counts.portions()]
    return {
        name: _advanced(before.get(name), held, whole, group, totals, k=k)
        for name, group in groups.items()
        if group.counts.viewers
    }


def _advanced(
    before: KnownBounds | None,
    held: Snapshot[C] | None,
    whole: Snapshot[C],
    group: Group[C],
    totals: Sequence[tuple[int, int, int]],
    *,
    k: int,
) -> KnownBounds:
    viewers = group.counts.viewers
    sizes = [size for _, size in _portions(group.counts, len(totals))]
    least = [
        max(0, low - whole.departed - (total - size))
        for (low, _, total), size in zip(totals, sizes, strict=True)
    ]
    most = [min(high, size) for (_, high, _), size in zip(totals, sizes, strict=True)]
    if before is not None and held is not None and len(before.least) == len(least):
        gone = max(0, before.viewers - viewers)
        least = [max(new, old - gone) for new, old in zip(least, before.least, strict=True)]
        gained = _gained(group, held, before.viewers, k=k)
        if gained is not None:
            most = [min(new, old + gained) for new, old in zip(most, before.most, strict=True)]
    return KnownBounds(viewers, tuple(least), tuple(most))


def _gained(group: Group[C], since: Snapshot[C], viewers: int, *, k: int) -> int | None:
    """How many learners may be counted newly; ``None`` for k or more."""
    newer, _ = group.newer(since.as_of)
    return None if newer >= k else max(newer, group.counts.viewers - viewers)


def suppress_cohorts(
    snapshots: Mapping[str, Snapshot[C]],
    groups: Mapping[str, Group[C]],
    whole: Snapshot[C],
    known: Mapping[str, KnownBounds],
    *,
    k: int,
) -> dict[str, Snapshot[C]]:
    """The *snapshots* of cohorts with the number of viewers in the rest of the class.

    That is 0 for a suppressed cohort. The viewers outside all published cohorts are also a rest: it
    must be nobody, or at least k. The smallest cohorts are suppressed first.
    """
    viewers = {name: group.counts.viewers for name, group in groups.items()}
    everyone = sum(viewers.values())
    new = {
        name: replace(each, others=everyone - viewers[name]) if each.as_of == whole.as_of else each
        for name, each in snapshots.items()
    }
    published = [name for name in new if is_cohort_publishable(new[name], k=k)]
    published.sort(key=lambda name: (viewers[name], name))
    shown = {name: _Shown.of(new[name], groups[name], whole, k=k) for name in published}
    compares = k >= MIN_K_TO_COMPARE
    kept = [n for n in published if not compares or not shown[n].is_near(known.get(n), k=k)]
    while k > 1 and kept:
        rest = everyone - sum(viewers[name] for name in kept)
        is_narrow = compares and _is_narrow([shown[n] for n in kept], whole, k=k)
        if not 0 < rest < k and not is_narrow:
            break
        kept.pop(0)
    return {
        name: each if name not in published or name in kept else replace(each, others=0)
        for name, each in new.items()
    }


def _portions(counts: Counts, number: int) -> list[Portion]:
    """The portions of *counts*; nobody's where they have no curves, or those of another length."""
    portions = counts.portions()
    return portions if len(portions) == number else [(0, 0)] * number


@dataclass(frozen=True, slots=True)
class _Shown:
    """A published cohort as it is now: its exact portions, and the bounds that are known."""

    portions: Sequence[Portion]
    bounds: Sequence[tuple[int, int]]

    @staticmethod
    def of(snapshot: Snapshot[C], group: Group[C], whole: Snapshot[C], *, k: int) -> _Shown:
        privacy = KAnonymity(k)
        number = len(whole.counts.portions())
        portions = _portions(group.counts, number)
        gained = _gained(group, snapshot, snapshot.counts.viewers, k=k)
        bounds = []
        for told, (_, size) in zip(_portions(snapshot.counts, number), portions, strict=True):
            low, high = privacy.bounds(*told)
            low = max(0, low - max(0, told[1] - size))
            bounds.append((low, size if gained is None else min(size, high + gained)))
        return _Shown(portions, bounds)

    def is_near(self, known: KnownBounds | None, *, k: int) -> bool:
        """True when the bounds hardly reach into those that the class leaves."""
        if known is None or len(known.least) != len(self.bounds):
            return False
        return any(
            (high < size and high - least < k // 2) or (low > 0 and most - low < k // 2)
            for (low, high), (_, size), least, most in zip(
                self.bounds, self.portions, known.least, known.most, strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class _Cell:
    """*size* learners of whom *low* to *high* are counted; alone, it may be published as *own*."""

    size: int
    low: int
    high: int
    own: tuple[int, int]


def _is_narrow(shown: Sequence[_Shown], whole: Snapshot[C], *, k: int) -> bool:
    """True when all numbers together say more of a part of the class than each alone."""
    privacy = KAnonymity(k)
    for index, total in enumerate(whole.counts.portions()):
        cells = [
            _Cell(each.portions[index][1], *each.bounds[index], each.bounds[index])
            for each in shown
        ]
        size = max(0, total[1] - sum(cell.size for cell in cells))
        count = total[0] - sum(each.portions[index][0] for each in shown)
        own = privacy.bounds(min(max(0, count), size), size)
        cells.append(_Cell(size, 0, size, own))
        if _is_one_narrow(cells, privacy.bounds(*total), k=k):
            return True
    return False


def _is_one_narrow(cells: Sequence[_Cell], total: tuple[int, int], *, k: int) -> bool:
    size = sum(cell.size for cell in cells)
    low, high = sum(cell.low for cell in cells), sum(cell.high for cell in cells)
    for cell in cells:
        least = total[0] - (high - cell.high)
        alone = max(cell.own[0], total[0] - (size - cell.size))
        if alone < least and cell.size - least < k // 2:
            return True
        most = total[1] - (low - cell.low)
        if most < min(cell.own[1], total[1]) and most < k // 2:
            return True
    return False
