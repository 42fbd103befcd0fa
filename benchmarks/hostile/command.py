"""``python -m benchmarks hostile``: measure the hostile-client table, and list missed rows."""

from __future__ import annotations

import argparse
import re
import resource
import sys
from collections.abc import Callable, Sequence

from benchmarks import report
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
from benchmarks.machine import describe_machine
from benchmarks.processes import OPEN_FILES

MeasureRow = Callable[[Environment, Effort], Line]


def main(arguments: Sequence[str]) -> None:
    """Measure the selected rows."""
    options = _parser().parse_args(arguments)
    rows = _all_rows()
    selected = {n: row for n, row in rows.items() if _is_selected(n, options.only)}
    if not selected:
        sys.exit(f"--only {options.only}: no such row; the rows are {', '.join(rows)}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    effort = Effort(rounds=options.rounds, seconds=options.seconds)
    rounds = f"{effort.rounds} rounds of {effort.seconds} s on each side, interleaved"
    heading = f"{describe_machine()}. {rounds}."
    lines = _measure(selected, effort)
    cells = [line.with_verdict() for line in lines]
    print(f"\n{heading}\n\n{text_table(COLUMNS, cells)}\n\n{summary(lines)}")
    if options.write:
        table = markdown_table(COLUMNS, cells)
        report.replace("hostile", f"{heading}\n\n{table}\n\n{summary(lines)}")


def _measure(rows: dict[str, tuple[str, MeasureRow]], effort: Effort) -> list[Line]:
    lines = []
    with prepared() as environment:
        for number, (client, measure_row) in rows.items():
            try:
                line = measure_row(environment, effort)
            except (OSError, RuntimeError, ValueError) as error:
                line = line_of_failure(number, client, error)
            print(" | ".join(line.with_verdict()), file=sys.stderr, flush=True)
            lines.append(line)
    return lines


def _all_rows() -> dict[str, tuple[str, MeasureRow]]:
    """(client, how to measure it) by row number, in order."""
    rows: dict[str, tuple[str, MeasureRow]] = {
        row.number: (row.client, _measurement_of(row)) for row in ROWS
    }
    rows[BURST.number] = (
        BURST.client,
        lambda environment, effort: line_of_burst(BURST, measure_burst(environment, effort)),
    )
    rows["12"] = (CLIENT, lambda environment, _: line_of_shutdown(measure_shutdown(environment)))
    return dict(sorted(rows.items(), key=lambda item: (_digits(item[0]), item[0])))


def _measurement_of(row: Row) -> MeasureRow:
    return lambda environment, effort: line_of(row, measure(row, environment, effort))


def _digits(number: str) -> int:
    return int(re.sub(r"\D", "", number))


def _is_selected(number: str, only: str) -> bool:
    """``4`` selects 4a, 4b …; ``4a`` selects only that row."""
    names = only.split(",") if only else [number]
    return number in names or str(_digits(number)) in names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks hostile", description=__doc__)
    parser.add_argument("--only", default="", metavar="3,9", help="numbers of rows; default: all")
    parser.add_argument("--rounds", type=int, default=2, help="rounds on each side")
    parser.add_argument("--seconds", type=int, default=5, help="seconds per round")
    parser.add_argument(
        "--write", action="store_true", help="write the table to docs/performance.md"
    )
    return parser
