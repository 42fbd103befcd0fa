"""Rounds the numbers of a class, so that fewer than k learners cannot be distinguished."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

LOW_SHARE, HIGH_SHARE = 0.05, 0.95  # Shares beyond are published as 0 and 1.


@dataclass(frozen=True, slots=True)
class KAnonymity:
    """Rounds the published numbers of a class; with k = 1, every number is exact."""

    k: int

    def may_publish(self, learners: int) -> bool:
        """True when numbers about so many learners may be published."""
        return self.k == 1 or learners >= self.k

    def count(self, exact: float, *, of: float | None = None) -> int:
        """A number of learners or sessions, rounded to a multiple of k; halves go up.

        Where only the number of the whole group *of* would be rounded up to it, it would tell that
        each learner was counted. There, a number counts as the whole if the others round to nobody.
        """
        if of is not None and self._rounded(of - 1) < self._rounded(of):
            exact = of if self._rounded(of - exact) == 0 else exact
        return self._rounded(exact)

    def _rounded(self, exact: float) -> int:
        return self.k * math.floor(exact / self.k + 0.5)

    def bounds(self, exact: int, of: int) -> tuple[int, int]:
        """The smallest and the largest number from 0 to *of* that is published as *exact* is."""
        return _bounds(self, exact, of)

    def share(self, part: float, whole: float) -> float | None:
        """*part* of *whole*, 0 to 1, of rounded counts; ``None`` if nobody is left."""
        if self.k == 1:
            return part / whole if whole else None
        told_part, told_whole = self.count(part, of=whole), self.count(whole)
        if not told_whole:
            return None
        share = min(told_part / told_whole, 1.0)
        if share < LOW_SHARE:
            return 0.0
        return 1.0 if share > HIGH_SHARE else share

    def total(self, exact: float, *, unit: float, learners: int) -> float | None:
        """A sum over *learners*; ``None`` if they are too few.

        It is rounded as if it counted learners who contribute one *unit* each.
        """
        if self.k == 1:
            return exact
        return unit * self.count(exact / unit) if learners >= self.k else None


@lru_cache(maxsize=10_000)
def _bounds(privacy: KAnonymity, exact: int, of: int) -> tuple[int, int]:
    published = privacy.count(exact, of=of)
    near = range(max(0, exact - privacy.k), min(of, exact + privacy.k) + 1)
    alike = [number for number in near if privacy.count(number, of=of) == published]
    return (min(alike), max(alike)) if alike else (exact, exact)
