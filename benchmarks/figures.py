"""A figure: what was measured, beside its goal; all of them as one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

COLUMNS = ("figure", "measured", "against", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. ``ratio`` compares with a baseline of the same run; without a goal it informs."""

    work: str
    measured: str
    against: str = ""
    ratio: float | None = None
    goal: str = ""
    is_reached: bool | None = None

    @property
    def verdict(self) -> str:
        """Reached, missed, or nothing to reach."""
        return {None: "", True: "reached", False: "MISSED"}[self.is_reached]

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        return (self.work, self.measured, self.against, ratio, self.goal, self.verdict)


class Goal(TypedDict):
    """The last three cells of a row."""

    ratio: float
    goal: str
    is_reached: bool


def at_least(goal: float, ratio: float) -> Goal:
    """The goal "at least so many times", and whether *ratio* reaches it."""
    return {"ratio": ratio, "goal": f"≥ {goal:g} ×", "is_reached": ratio >= goal}


def at_most(goal: float, ratio: float) -> Goal:
    """The goal "at most so many times", and whether *ratio* keeps it."""
    return {"ratio": ratio, "goal": f"≤ {goal:g} ×", "is_reached": ratio <= goal}


def as_text(figures: Sequence[Figure]) -> str:
    """The table for a terminal."""
    return text_table(COLUMNS, [figure.cells() for figure in figures])


def as_markdown(figures: Iterable[Figure]) -> str:
    """The same table for a page."""
    return markdown_table(COLUMNS, [figure.cells() for figure in figures])


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells in columns of equal width."""
    every = [columns, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(columns))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in every
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for a page."""
    every = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in every)


def summary(figures: Iterable[Figure]) -> str:
    """How many are reached, and which are not."""
    judged = [figure for figure in figures if figure.is_reached is not None]
    missed = [figure.work for figure in judged if not figure.is_reached]
    said = f"{len(judged) - len(missed)} of {len(judged)} figures reached."
    return f"{said} Missed: {'; '.join(missed)}." if missed else said
