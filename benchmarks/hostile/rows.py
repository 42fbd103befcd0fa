"""The rows of the table: what each hostile client does, and the goal of each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.idle_attacks import CONNECTIONS
from benchmarks.hostile.polite import percentile


@dataclass(frozen=True, slots=True)
class Row:
    """One hostile client. Its own outcomes may have a goal as well."""

    number: str
    client: str
    attack: str
    unit: str = "requests"
    is_goal_reached: Callable[[Tally], bool] = lambda _: True
    describe: Callable[[Tally], str] = lambda _: ""
    linger_seconds: float = 0.0


def _all_succeeded(tally: Tally) -> bool:
    return set(tally.outcomes) == {"200"}


def _own_latency(tally: Tally) -> str:
    median, slowest = percentile(tally.latencies_ms, 50), percentile(tally.latencies_ms, 100)
    return f"own latency: median {median:,.0f} ms, slowest {slowest:,.0f} ms"


def _all_closed(tally: Tally) -> bool:
    return len(tally.latencies_ms) >= CONNECTIONS


def _closed_after(tally: Tally) -> str:
    median, slowest = (percentile(tally.latencies_ms, p) / 1_000 for p in (50, 100))
    closed = f"{len(tally.latencies_ms)} closed"
    return f"{closed} after {median:.0f} to {slowest:.0f} s" if tally.latencies_ms else closed


ROWS = (
    Row(
        "1",
        "one report a second, in 20 sessions on 8 devices, to each of 100 heavy videos",
        "heavy_reports",
    ),
    Row("2", "3 reports a second to videos with 8,600 spans", "endless_reports"),
    Row("3a", "500 events, 49 batches a second", "many_events"),
    Row("3b", "1 MiB of events with 200 spans each, 5 a second", "large_events"),
    Row("4a", "GET course over heavy records, 49 a second", "course"),
    Row("4b", "changes over heavy records, 49 a second", "changes"),
    Row("4c", "resume over heavy records, 49 a second", "resume"),
    Row("4d", "continue-watching over heavy records, 49 a second", "continue_watching"),
    Row("4e", "batch of 100 heavy records, 49 a second", "batch"),
    Row("4f", "mark over heavy records, 49 a second", "mark"),
    Row(
        "5",
        "100 small events over heavy records, 1 batch a second",
        "small_batches",
        is_goal_reached=_all_succeeded,
        describe=_own_latency,
    ),
    Row("6", "endless socket frames", "frames_after_auth", unit="connections"),
    Row("7a", "500 small invalid reports a second", "invalid_reports"),
    Row("7b", "1 MiB of unknown keys, 50 a second", "unknown_keys"),
    Row("9", "pipelined GET /healthz, 2 MB and more", "pipeline", unit="connections"),
    Row(
        "10a",
        "32 MB of header lines",
        "header_lines",
        unit="connections",
        is_goal_reached=lambda tally: "431" in tally.outcomes,
    ),
    Row(
        "10b",
        "an address of 16 MB",
        "long_address",
        unit="connections",
        is_goal_reached=lambda tally: "414" in tally.outcomes,
    ),
    Row(
        "11",
        "pings before authentication, 2.3 MB a second",
        "pings_before_auth",
        unit="connections",
    ),
    Row(
        "13",
        f"{CONNECTIONS} connections: silent, partial head, partial body",
        "idle_connections",
        unit="connections",
        is_goal_reached=_all_closed,
        describe=_closed_after,
        linger_seconds=30.0,
    ),
)
