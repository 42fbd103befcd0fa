"""``python -m benchmarks hostile``: print the table, and say which rows are not reached."""

from __future__ import annotations

import argparse
import re
import resource
import sys
from collections.abc import Callable, Sequence

from benchmarks import page
from benchmarks.figures import markdown_table, text_table
from benchmarks.hostile.burst import BURST, measure_burst
from benchmarks.hostile.environment import Environment, prepared
from benchmarks.hostile.measure import Effort, measure
from benchmarks.hostile.rows import ROWS, Row
from benchmarks.hostile.shutdown import CLIENT, measure_shutdown
from benchmarks.hostile.table import (
    COLUMNS,
    Line,
    line_of,
    line_of_burst,
    line_of_failure,
    line_of_shutdown,
    summary,
)
from benchmarks.machine import described
from benchmarks.processes import OPEN_FILES

Work = Callable[[Environment, Effort], Line]
"""Measures one row."""


def main(arguments: Sequence[str]) -> None:
    """Measure the rows that were asked for."""
    asked = _parser().parse_args(arguments)
    chosen = {number: row for number, row in _every_row().items() if _is_chosen(number, asked.only)}
    if not chosen:
        sys.exit(f"--only {asked.only}: there is no such row; there are {', '.join(_every_row())}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    effort = Effort(rounds=asked.rounds, seconds=asked.seconds)
    heading = f"{described()}. {effort.rounds} rounds of {effort.seconds} s on each side, in turns."
    lines = _measured(chosen, effort)
    rows = [line.with_verdict() for line in lines]
    print(f"\n{heading}\n\n{text_table(COLUMNS, rows)}\n\n{summary(lines)}")
    if asked.write:
        page.replace("hostile", f"{heading}\n\n{markdown_table(COLUMNS, rows)}\n\n{summary(lines)}")


def _measured(chosen: dict[str, tuple[str, Work]], effort: Effort) -> list[Line]:
    lines = []
    with prepared() as environment:
        for number, (client, work) in chosen.items():
            try:
                line = work(environment, effort)
            except (OSError, RuntimeError, ValueError) as error:
                line = line_of_failure(number, client, error)
            print(" | ".join(line.with_verdict()), file=sys.stderr, flush=True)
            lines.append(line)
    return lines


def _every_row() -> dict[str, tuple[str, Work]]:
    """(client, work) by number, in the order of the numbers."""
    rows: dict[str, tuple[str, Work]] = {row.number: (row.client, _work_of(row)) for row in ROWS}
    rows[BURST.number] = (
        BURST.client,
        lambda environment, effort: line_of_burst(BURST, measure_burst(environment, effort)),
    )
    rows["12"] = (CLIENT, lambda environment, _: line_of_shutdown(measure_shutdown(environment)))
    return dict(sorted(rows.items(), key=lambda item: (_digits(item[0]), item[0])))


def _work_of(row: Row) -> Work:
    return lambda environment, effort: line_of(row, measure(row, environment, effort))


def _digits(number: str) -> int:
    return int(re.sub(r"\D", "", number))


def _is_chosen(number: str, only: str) -> bool:
    """``4`` chooses 4a, 4b …, and ``4a`` that one alone."""
    names = only.split(",") if only else [number]
    return number in names or str(_digits(number)) in names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks hostile", description=__doc__)
    parser.add_argument("--only", default="", metavar="3,9", help="numbers of rows; usually all")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each side")
    parser.add_argument("--seconds", type=int, default=5, help="seconds of a round")
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    return parser
