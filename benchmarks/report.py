"""Writes tables into docs/performance.md, between the markers of each table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, as_markdown, summary

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


def write(name: str, heading: str, figures: Sequence[Figure]) -> None:
    """Write the table *name*: its heading, the figures and their summary."""
    replace(name, f"{heading}\n\n{as_markdown(figures)}\n\n{summary(figures)}")


def replace(name: str, text: str) -> None:
    """Replace the text between the markers of *name*.

    Raises:
        RuntimeError: the document has no such markers.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = DOCUMENT.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise RuntimeError(f"{DOCUMENT} has no markers {begin} and {end}")
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n{end}{after}")
