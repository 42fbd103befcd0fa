"""Measure the figures the service promises, and print them as one table.

A missed figure is told, and is no failure of the run.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchmarks import growth, page, reads, sockets, start, updates
from benchmarks.figures import Figure, as_text, summary
from benchmarks.hostile import command as hostile
from benchmarks.machine import described
from benchmarks.processes import OPEN_FILES
from benchmarks.stage import Effort, Stage, staged

USUAL_RECORDS = 1_000_000
SCALE_RECORDS = 10_000_000

ON_STAGE: dict[str, Callable[[Stage, Effort], list[Figure]]] = {
    "updates": updates.measure,
    "reads": reads.measure,
}
ON_THEIR_OWN: dict[str, Callable[[Effort], list[Figure]]] = {
    "growth": lambda effort: growth.measure(effort, records=USUAL_RECORDS),
    "sockets": lambda _: sockets.measure(),
    "start": lambda _: start.measure(),
    "scale": lambda effort: growth.measure(effort, records=SCALE_RECORDS),
}
USUAL = ("updates", "reads", "growth", "sockets", "start")


def main() -> None:
    """Run what was asked for."""
    if sys.argv[1:2] == ["hostile"]:  # It has options of its own, and no need of wrk.
        hostile.main(sys.argv[2:])
        return
    asked = _arguments().parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: `make bench` installs it, or `apt-get install wrk`.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    machine = described()
    effort = Effort(rounds=asked.rounds, seconds=asked.seconds)
    figures = _measured(asked.parts, effort)
    heading = f"{machine}. Medians of {effort.rounds} rounds of {effort.seconds} s, in turns."
    print(f"\n{heading}\n\n{as_text(figures)}\n\n{summary(figures)}")
    if asked.write:
        page.write("scale" if asked.parts == ["scale"] else "figures", heading, figures)


def _measured(parts: Sequence[str], effort: Effort) -> list[Figure]:
    figures: list[Figure] = []
    with ExitStack() as stack:
        on_stage = [part for part in parts if part in ON_STAGE]
        stage = stack.enter_context(staged()) if on_stage else None
        for part in on_stage:
            assert stage is not None
            figures += _told(part, ON_STAGE[part](stage, effort))
    for part in (part for part in parts if part in ON_THEIR_OWN):
        figures += _told(part, ON_THEIR_OWN[part](effort))
    return figures


def _told(part: str, figures: list[Figure]) -> list[Figure]:
    print(f"measured: {part}", file=sys.stderr, flush=True)
    return figures


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="`python -m benchmarks hostile --help`: the hostile-client table.",
    )
    every = [*ON_STAGE, *ON_THEIR_OWN]
    usually = f"of {', '.join(every)}; usually all but scale"
    parser.add_argument("parts", nargs="*", default=list(USUAL), help=usually)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each case")
    parser.add_argument("--seconds", type=int, default=4, help="seconds of a round")
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    return parser


if __name__ == "__main__":
    main()
