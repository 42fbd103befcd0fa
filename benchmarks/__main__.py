"""Measure the documented figures, and print them as one table beside their goals.

A missed goal is marked in the table; the exit code stays 0.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchmarks import (
    analytics,
    change_streams,
    gradebook,
    growth,
    imports,
    reads,
    report,
    sockets,
    start,
    updates,
    webhooks,
)
from benchmarks.environment import Effort, Environment, prepared
from benchmarks.figures import Figure, as_text, summary
from benchmarks.hostile import command as hostile
from benchmarks.machine import describe_machine
from benchmarks.processes import OPEN_FILES

DEFAULT_RECORDS = 1_000_000
SCALE_RECORDS = 10_000_000

IN_SHARED_ENVIRONMENT: dict[str, Callable[[Environment, Effort], list[Figure]]] = {
    "updates": updates.measure,
    "reads": reads.measure,
}
STANDALONE: dict[str, Callable[[Effort], list[Figure]]] = {
    "growth": lambda effort: growth.measure(effort, records=DEFAULT_RECORDS),
    "analytics": analytics.measure,
    "gradebook": gradebook.measure,
    "sockets": lambda _: sockets.measure(),
    "start": lambda _: start.measure(),
    "webhooks": lambda _: webhooks.measure(),
    "import": lambda _: imports.measure(),
    "streams": change_streams.measure,
    "scale": lambda effort: growth.measure(effort, records=SCALE_RECORDS),
}
WITHOUT_WRK = {"import", "streams"}
DEFAULT_PARTS = (
    "updates",
    "reads",
    "growth",
    "analytics",
    "gradebook",
    "sockets",
    "start",
    "webhooks",
)


def main() -> None:
    """Run the parts that the command line names."""
    if sys.argv[1:2] == ["hostile"]:  # It has its own options, and does not require wrk.
        hostile.main(sys.argv[2:])
        return
    arguments = _parser().parse_args()
    if shutil.which("wrk") is None and not set(arguments.parts) <= WITHOUT_WRK:
        sys.exit("wrk is missing: `make bench` installs it, or `apt-get install wrk`.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    machine = describe_machine()
    effort = Effort(arguments.rounds, arguments.seconds, arguments.class_size)
    figures = _measure(arguments.parts, effort)
    heading = f"{machine}. Medians of {effort.rounds} rounds of {effort.seconds} s, interleaved."
    print(f"\n{heading}\n\n{as_text(figures)}\n\n{summary(figures)}")
    if arguments.write:
        report.write("scale" if arguments.parts == ["scale"] else "figures", heading, figures)


def _measure(parts: Sequence[str], effort: Effort) -> list[Figure]:
    figures: list[Figure] = []
    with ExitStack() as stack:
        shared = [part for part in parts if part in IN_SHARED_ENVIRONMENT]
        environment = stack.enter_context(prepared()) if shared else None
        for part in shared:
            assert environment is not None
            figures += IN_SHARED_ENVIRONMENT[part](environment, effort)
            _print_progress(part)
    for part in (part for part in parts if part in STANDALONE):
        figures += STANDALONE[part](effort)
        _print_progress(part)
    return figures


def _print_progress(part: str) -> None:
    print(f"measured: {part}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="`python -m benchmarks hostile --help`: the hostile-client table.",
    )
    names = ", ".join([*IN_SHARED_ENVIRONMENT, *STANDALONE])
    parts_help = f"any of {names}; default: all except import, streams and scale"
    parser.add_argument("parts", nargs="*", default=list(DEFAULT_PARTS), help=parts_help)
    parser.add_argument("--rounds", type=int, default=5, help="rounds per case")
    parser.add_argument("--seconds", type=int, default=4, help="seconds per round")
    parser.add_argument(
        "--class-size", type=int, default=10_000, help="learners of the class for analytics"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table to docs/performance.md"
    )
    return parser


if __name__ == "__main__":
    main()
