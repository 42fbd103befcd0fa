"""Findings: what a check found, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "skipped", "warning", "error"]
EXIT_CODES: dict[Status, int] = {"ok": 0, "skipped": 0, "warning": 1, "error": 2}
UNAUTHORIZED = 13
"""The code of the server for a command that the user may not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    ``check`` is the stable name of the check. ``skipped`` means that it could not be run for a
    reason that is no fault, such as a user without the right to read the oplog. ``finding`` says
    what is the case, ``remedy`` what to do; it is ``None`` only if nothing is to be done. Both are
    one line each, without secrets and without ids of students.
    """

    check: str
    status: Status
    finding: str
    remedy: str | None = None


def ok(check: str, finding: str) -> Finding:
    """Nothing is to be done."""
    return Finding(check, "ok", finding)


def skipped(check: str, finding: str, remedy: str) -> Finding:
    """The check could not be run, for a reason that is no fault."""
    return Finding(check, "skipped", finding, remedy)


def warning(check: str, finding: str, remedy: str) -> Finding:
    """The service works, but not as well or as safely as it should."""
    return Finding(check, "warning", finding, remedy)


def error(check: str, finding: str, remedy: str) -> Finding:
    """The service does not start, does not work, or is not safe."""
    return Finding(check, "error", finding, remedy)


def exit_code(findings: Sequence[Finding]) -> int:
    """0 if all is well, 1 with warnings, 2 with errors."""
    return max((EXIT_CODES[finding.status] for finding in findings), default=0)


def as_line(finding: Finding) -> str:
    """The finding for a terminal, on one line whatever it contains."""
    remedy = f" -> {finding.remedy}" if finding.remedy else ""
    line = f"{finding.status:<8} {finding.check:<15} {finding.finding}{remedy}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
