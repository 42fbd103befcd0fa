"""In a pipeline (`CI` is set) a skipped test fails the run: what is not run proves nothing.

Loaded by name, `-p tests.no_skips`; on a developer's machine it only watches.
"""

from __future__ import annotations

import os

import pytest

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a skipped test; one that is expected to fail is run, and no skip."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a module that skips itself whole."""
    if report.skipped:
        _skipped.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a green run with skips into a failed one."""
    if _fails(session.config) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which, above the closing line."""
    if _fails(terminalreporter.config):
        terminalreporter.section("skipped, and CI is set: the run fails", red=True)
        for nodeid in sorted(set(_skipped)):
            terminalreporter.line(nodeid)


def _fails(config: pytest.Config) -> bool:
    is_worker = hasattr(config, "workerinput")
    return bool(_skipped) and bool(os.environ.get("CI")) and not is_worker
