"""A set of three and a service on it for each module; what was measured, at the end of the run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from .replica_set import ReplicaSet, three_nodes
from .service import Service, running_service

_MEASURED = "measured"
Tell = Callable[[str], None]


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with three_nodes(tmp_path_factory.mktemp("set")) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def service(replica_set: ReplicaSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(replica_set.uri, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Print a measured value, now and in the summary of the run."""

    def say(text: str) -> None:
        sys.stdout.write(f"{request.node.name}: {text}\n")
        request.node.user_properties.append((_MEASURED, f"{request.node.name}: {text}"))

    return say


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
