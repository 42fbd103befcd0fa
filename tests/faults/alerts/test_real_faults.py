"""Real faults fire their alerts in time, and the commands of the runbook clear them."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.conftest import RecordMeasurement

from . import traffic
from .causes import ALL, SHORT, Fault
from .environment import Environment, environment
from .rules import rules, stated_seconds
from .runbook import sections

pytestmark = pytest.mark.faults

# `all`, or the names of alerts, separated by commas.
SELECTED = frozenset(os.environ.get("ALERT_FAULTS", "").split(",")) - {""}
CLEAR_SECONDS = 420.0  # Rules over the last five minutes clear that much later.
GRACE_SECONDS = 120.0  # Beyond the stated time, so that a late alert is measured too.


@dataclass(frozen=True)
class Row:
    """What one alert did. Times are those of evaluations by Prometheus, in seconds."""

    alert: str
    fault: str
    fired_after: float
    stated: float
    cleared_after: float

    def __str__(self) -> str:
        return (
            f"| `{self.alert}` | {self.fault} | {self.fired_after:.0f} s | {self.stated:.0f} s "
            f"| {self.cleared_after:.0f} s |"
        )


async def test_real_faults_fire_their_alerts(tmp_path: Path, record_measurement: RecordMeasurement):
    rows: list[Row] = []
    problems: list[str] = []
    async with environment(tmp_path, full=bool(SELECTED)) as running:
        await traffic.prepare_course(running)
        async with traffic.learners(running):
            for faults in _selected():
                for fault in await asyncio.gather(*(_observed(running, one) for one in faults)):
                    rows += fault.rows
                    problems += fault.problems
                await _quiet(running)

    record_measurement("\n".join(["", *map(str, rows)]))
    problems += [f"late: {row}" for row in rows if row.fired_after > row.stated]
    assert not problems


def _selected() -> list[list[Fault]]:
    """The faults, in groups of those that do not disturb each other."""
    if not SELECTED:
        return [list(faults) for faults in SHORT]
    groups = [
        [one for one in faults if "all" in SELECTED or SELECTED & {*one.alerts}] for faults in ALL
    ]
    return [faults for faults in groups if faults]


@dataclass
class Observed:
    """One fault: what its alerts did, or why that is not known."""

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def _observed(running: Environment, fault: Fault) -> Observed:
    try:
        return Observed(rows=await _observe(running, fault))
    except (AssertionError, TimeoutError) as error:  # The other faults are measured all the same.
        return Observed(problems=[f"{fault.text}: {error!r}"])


async def _observe(running: Environment, fault: Fault) -> list[Row]:
    """Cause the fault, wait for its alerts, run the runbook, and wait until they have ended."""
    labels = _labels(running, fault)
    prometheus = running.prometheus
    before = await prometheus.now()
    await fault.cause(running)
    fired = await asyncio.gather(
        *(_fired_at(running, alert, labels, since=before) for alert in fault.alerts)
    )

    section = sections()[fault.cleared_by]
    instance = running.instance(running.side if fault.at_side else running.service)
    variables = {**fault.variables, "INSTANCE": instance}
    for commands in section.commands("Confirm"):
        await running.run(commands, variables)
    cleared_from = await prometheus.now()
    for commands in section.commands("Clear"):
        await running.run(commands, variables)
    async with asyncio.timeout(CLEAR_SECONDS):
        cleared = await asyncio.gather(
            *(prometheus.cleared_at(alert, labels, since=before) for alert in fault.alerts)
        )
    return [
        Row(
            alert,
            fault.text,
            at - before,
            stated_seconds(rules()[alert]),
            max(0.0, end - cleared_from),
        )
        for alert, at, end in zip(fault.alerts, fired, cleared, strict=True)
    ]


async def _fired_at(
    running: Environment, alert: str, labels: dict[str, str], *, since: float
) -> float:
    try:
        async with asyncio.timeout(stated_seconds(rules()[alert]) + GRACE_SECONDS):
            return await running.prometheus.fired_at(alert, labels, since=since)
    except TimeoutError:
        firing = await running.prometheus.all_firing()
        raise AssertionError(f"{alert} did not fire; these did: {sorted(firing)}") from None


async def _quiet(running: Environment) -> None:
    """Wait until no alert fires, so that each fault is seen by itself."""
    async with asyncio.timeout(CLEAR_SECONDS):
        while await running.prometheus.all_firing():
            await asyncio.sleep(1)


def _labels(running: Environment, fault: Fault) -> dict[str, str]:
    """What tells the alert of one instance from that of the other."""
    return {"instance": running.instance(running.side)} if fault.at_side else {}
