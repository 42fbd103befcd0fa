"""The table: one line per row, for a terminal or as Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.measure import Measured, Memory
from benchmarks.hostile.polite import percentile
from benchmarks.hostile.rows import Row
from benchmarks.hostile.shutdown import CLIENT, Stopped

COLUMNS = (
    *("#", "hostile client", "polite p50, ms", "polite p99, ms", "p99 ratio", "polite responses"),
    *("memory, MB", "hostile client: sent and received", ""),
)
RATIO_GOAL = 2.0
GROWTH_GOAL_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a row, and whether its goals are reached."""

    number: str
    cells: tuple[str, ...]
    is_reached: bool

    def with_verdict(self) -> tuple[str, ...]:
        """All cells, with the verdict."""
        return (self.number, *self.cells, "reached" if self.is_reached else "MISSED")


def line_of(row: Row, measured: Measured) -> Line:
    """The line of a row that was measured without and with its hostile client."""
    without, beside = measured.without, measured.beside
    ratio = beside.percentile_ms(99) / without.percentile_ms(99)
    cells = (
        row.client,
        f"{without.percentile_ms(50):,.1f} → {beside.percentile_ms(50):,.1f}",
        f"{without.percentile_ms(99):,.1f} → {beside.percentile_ms(99):,.1f}",
        f"{ratio:.2f} ×",
        _counted(beside.outcomes),
        _memory(measured.memory),
        _hostile(row, measured.tally),
    )
    is_reached = (
        ratio <= RATIO_GOAL
        and beside.all_succeeded
        and measured.memory.growth < GROWTH_GOAL_BYTES
        and row.is_goal_reached(measured.tally)
    )
    return Line(row.number, cells, is_reached)


def line_of_burst(row: Row, measured: Measured) -> Line:
    """The line of the burst, in which the polite students send everything at once."""
    tally = measured.tally
    median, p99 = (percentile(tally.latencies_ms, percent) for percent in (50, 99))
    cells = (row.client, f"{median:,.0f}", f"{p99:,.0f}", "", _counted(tally.outcomes))
    is_reached = measured.memory.growth < GROWTH_GOAL_BYTES and row.is_goal_reached(tally)
    return Line(row.number, (*cells, _memory(measured.memory), row.describe(tally)), is_reached)


def line_of_shutdown(stopped: Stopped) -> Line:
    """The line of the shutdown: the outcomes of all connections."""
    outcomes = (
        f"exit code {stopped.exit_code}; sockets: {_counted(stopped.sockets)}; "
        f"handshakes: {_counted(stopped.handshakes)}"
    )
    cells = (CLIENT, "", "", "", f"running reports: {_counted(stopped.reports)}", "", outcomes)
    return Line("12", cells, stopped.is_reached)


def line_of_failure(number: str, client: str, error: Exception) -> Line:
    """The line of a row that could not be measured; it counts as missed."""
    message = str(error).partition("\n")[0]
    failed = f"not measured: {type(error).__name__} {message}"
    return Line(number, (client, "", "", "", "", "", failed), is_reached=False)


def summary(lines: list[Line]) -> str:
    """How many rows are reached, and which are missed."""
    missed = [line.number for line in lines if not line.is_reached]
    text = f"{len(lines) - len(missed)} of {len(lines)} rows reached."
    return f"{text} Missed: {', '.join(missed)}." if missed else text


def _memory(memory: Memory) -> str:
    before, peak, after = (size / 1e6 for size in (memory.before, memory.peak, memory.after))
    return f"{before:.0f} → {peak:.0f} → {after:.0f}"


def _hostile(row: Row, tally: Tally) -> str:
    sent = f"{tally.sent:,} {row.unit}, {tally.bytes_sent / 1e6:,.1f} MB"
    parts = (
        f"{sent}, {tally.cpu_seconds:.1f} s of processor time",
        _counted(tally.outcomes),
        row.describe(tally),
    )
    return "; ".join(part for part in parts if part)


def _counted(outcomes: Counter[str]) -> str:
    return ", ".join(f"{count:,} × {label}" for label, count in sorted(outcomes.items()))
