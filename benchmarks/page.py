"""The table's place in the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, as_markdown, summary

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def write(name: str, heading: str, figures: Sequence[Figure]) -> None:
    """Replace what stands between the markers of *name*."""
    replace(name, f"{heading}\n\n{as_markdown(figures)}\n\n{summary(figures)}")


def replace(name: str, text: str) -> None:
    """Replace what stands between the markers of *name* by *text*."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = PAGE.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise RuntimeError(f"{PAGE} has no markers {begin} and {end}")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")
