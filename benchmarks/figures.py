"""Figures: measured values beside their goals, and the tables that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

COLUMNS = ("figure", "measured", "against", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. ``ratio`` compares with a baseline of the same run; the goal is optional."""

    work: str
    measured: str
    against: str = ""
    ratio: float | None = None
    goal: str = ""
    is_reached: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is reached; empty without a goal."""
        return {None: "", True: "reached", False: "MISSED"}[self.is_reached]

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        return (self.work, self.measured, self.against, ratio, self.goal, self.verdict)


class Goal(TypedDict):
    """The ratio of a row, its goal, and whether it is reached."""

    ratio: float
    goal: str
    is_reached: bool


def at_least(goal: float, ratio: float) -> Goal:
    """The goal that *ratio* is at least *goal*, and whether it is reached."""
    return {"ratio": ratio, "goal": f"≥ {goal:g} ×", "is_reached": ratio >= goal}


def at_most(goal: float, ratio: float) -> Goal:
    """The goal that *ratio* is at most *goal*, and whether it is reached."""
    return {"ratio": ratio, "goal": f"≤ {goal:g} ×", "is_reached": ratio <= goal}


def as_text(figures: Sequence[Figure]) -> str:
    """The table for a terminal."""
    return text_table(COLUMNS, [figure.cells() for figure in figures])


def as_markdown(figures: Iterable[Figure]) -> str:
    """The same table as Markdown."""
    return markdown_table(COLUMNS, [figure.cells() for figure in figures])


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells in columns of equal width."""
    lines_of_cells = [columns, *rows]
    widths = [max(len(row[column]) for row in lines_of_cells) for column in range(len(columns))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in lines_of_cells
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same cells as a Markdown table."""
    lines_of_cells = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines_of_cells)


def summary(figures: Iterable[Figure]) -> str:
    """How many goals are reached, and which are missed."""
    with_goal = [figure for figure in figures if figure.is_reached is not None]
    missed = [figure.work for figure in with_goal if not figure.is_reached]
    text = f"{len(with_goal) - len(missed)} of {len(with_goal)} goals reached."
    return f"{text} Missed: {'; '.join(missed)}." if missed else text
