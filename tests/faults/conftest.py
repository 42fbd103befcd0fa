"""A replica set and a service for each module; prints the measurements at the end of the run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from progress_service.testing import ServiceProcess

from .replica_set import ReplicaSet, three_nodes
from .service import running_service

_MEASURED = "measured"
RecordMeasurement = Callable[[str], None]


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with three_nodes(tmp_path_factory.mktemp("set")) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def service(
    replica_set: ReplicaSet, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    with running_service(replica_set.uri, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def record_measurement(request: pytest.FixtureRequest) -> RecordMeasurement:
    """Print a measurement, now and in the summary of the run."""

    def record(text: str) -> None:
        sys.stdout.write(f"{request.node.name}: {text}\n")
        request.node.user_properties.append((_MEASURED, f"{request.node.name}: {text}"))

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, ())]
    lines = [
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == _MEASURED
    ]
    if lines:
        terminalreporter.section("faults: measured")
    for line in lines:
        terminalreporter.write_line(line)
