"""Fails a pipeline run (`CI` is set) that skips a test.

Loaded by name, `-p tests.no_skips`; without `CI` it changes nothing.
"""

from __future__ import annotations

import os

import pytest

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record a skipped test; an expected failure is not a skip."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Record a module that is skipped as a whole."""
    if report.skipped:
        _skipped.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a successful run that has skips."""
    if _fails(session.config) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the skipped tests above the summary line."""
    if _fails(terminalreporter.config):
        terminalreporter.section("skipped, and CI is set: the run fails", red=True)
        for nodeid in sorted(set(_skipped)):
            terminalreporter.line(nodeid)


def _fails(config: pytest.Config) -> bool:
    is_worker = hasattr(config, "workerinput")
    return bool(_skipped) and bool(os.environ.get("CI")) and not is_worker
