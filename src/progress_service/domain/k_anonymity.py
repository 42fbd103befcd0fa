"""Rounds the numbers of a class, so that fewer than k learners cannot be distinguished."""

from __future__ import annotations

import math
from dataclasses import dataclass

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

        A number *of* a group is that of the whole group where the others round to nobody. Without
        that, a number that rounds up to the group would tell that each of it was counted.
        """
        if of is not None and exact < of and self.count(of - exact) == 0:
            exact = of
        return self.k * math.floor(exact / self.k + 0.5)

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
