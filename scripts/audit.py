"""Known vulnerabilities in the locked packages: `make audit`.

Exit code 1 means a finding that nobody has reviewed. Where no advisory database can be reached, the
line `not audited: …` says so and the exit code is 0: nothing was found, and nothing was proved.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"  # requirements-serve.lock is a part of it
PIP_AUDIT = ROOT / ".venv-audit" / "bin" / "pip-audit"
DATABASES = ("pypi", "osv")

CONNECT_SECONDS = 15  # For each request of pip-audit.
PROBE_SECONDS = 60
AUDIT_SECONDS = 300

PROBED_PACKAGE = "ecdsa"
"""Has an advisory without a fix. A database that does not know it was not really reached: some
package mirrors answer every question with "not found", which pip-audit counts as no finding."""

REVIEWED = {
    "CVE-2024-23342": "ecdsa: timing of signatures in pure Python. python-jose installs it; with "
    "the `cryptography` extra it is not called, and the service verifies and does not sign ES*.",
}
"""Advisory → why it does not concern us. See docs/security.md."""


class NotAuditedError(Exception):
    """No database of advisories gave an answer; the text says why."""


@dataclass(frozen=True)
class Finding:
    """One advisory about one locked package, under all its names."""

    package: str
    names: frozenset[str]

    def __str__(self) -> str:
        return f"{self.package}: {', '.join(sorted(self.names))}"

    @property
    def review(self) -> str | None:
        """Why the finding does not apply here; ``None`` if it was not reviewed."""
        return next((REVIEWED[name] for name in sorted(self.names) if name in REVIEWED), None)


def main() -> int:
    """Audit both ecosystems and print a line for each result."""
    unreviewed = 0
    for title, audit in (("Python", audit_python), ("npm", audit_npm)):
        try:
            findings = audit()
        except NotAuditedError as error:
            print(f"{title}: not audited: {error}")
            continue
        for finding in findings:
            print(f"{title}: {finding}: {finding.review or 'NOT REVIEWED'}")
        unreviewed += sum(finding.review is None for finding in findings)
        print(f"{title}: audited, {len(findings)} findings")
    return 1 if unreviewed else 0


# -- Python --------------------------------------------------------------------------------------


def audit_python() -> list[Finding]:
    """Ask the first database that can be reached about every pin of the lock file.

    Raises:
        NotAuditedError: none can be reached, or it left packages out.
    """
    if not PIP_AUDIT.exists():
        raise NotAuditedError(f"{PIP_AUDIT.relative_to(ROOT)} is not installed; run `make audit`")
    reasons = []
    for database in DATABASES:
        try:
            _require_answers(database)
            report = _pip_audit(LOCK, database, timeout_seconds=AUDIT_SECONDS)
        except NotAuditedError as error:
            reasons.append(f"{database}: {error}")
            continue
        if skipped := list(skipped_packages(report)):
            print(f"Python: not audited: {', '.join(skipped)}: unknown to {database}")
        return python_findings(report)
    raise NotAuditedError("; ".join(reasons))


def _require_answers(database: str) -> None:
    pin = re.search(rf"^{PROBED_PACKAGE}==[^ ]+", LOCK.read_text(), re.MULTILINE)
    if pin is None:
        raise NotAuditedError(f"{PROBED_PACKAGE} is not locked; probe with another package")
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(pin[0] + "\n")
        report = _pip_audit(requirements, database, timeout_seconds=PROBE_SECONDS)
    if not python_findings(report):
        raise NotAuditedError(f"does not know the advisory about {pin[0]}")


def _pip_audit(requirements: Path, database: str, *, timeout_seconds: float) -> dict[str, Any]:
    command = [str(PIP_AUDIT), "--requirement", str(requirements), "--no-deps", "--disable-pip"]
    command += ["--vulnerability-service", database, "--timeout", str(CONNECT_SECONDS)]
    command += ["--format", "json", "--progress-spinner", "off"]
    return _json_of(command, cwd=ROOT, timeout_seconds=timeout_seconds)


def python_findings(report: dict[str, Any]) -> list[Finding]:
    """The advisories in a report of pip-audit."""
    return [
        Finding(f"{found['name']} {found['version']}", frozenset({one["id"], *one["aliases"]}))
        for found in report["dependencies"]
        for one in found.get("vulns", ())
    ]


def skipped_packages(report: dict[str, Any]) -> Iterator[str]:
    """The packages that the database does not know, which pip-audit does not count."""
    return (found["name"] for found in report["dependencies"] if "skip_reason" in found)


# -- npm -----------------------------------------------------------------------------------------


def audit_npm() -> list[Finding]:
    """Ask the configured registry about web/package-lock.json.

    Raises:
        NotAuditedError: npm is missing, or the registry has no advisories.
    """
    if shutil.which("npm") is None:
        raise NotAuditedError("npm is not installed")
    command = ["npm", "audit", "--json", "--package-lock-only"]
    return npm_findings(_json_of(command, cwd=ROOT / "web", timeout_seconds=PROBE_SECONDS))


def npm_findings(report: dict[str, Any]) -> list[Finding]:
    """The advisories in a report of `npm audit`.

    Raises:
        NotAuditedError: it is an error instead.
    """
    if "vulnerabilities" not in report:
        raise NotAuditedError(str(report.get("message") or "the registry has no advisories"))
    return [
        Finding(f"{package} {one['range']}", frozenset({one["url"].rpartition("/")[2]}))
        for package, found in report["vulnerabilities"].items()
        for one in found["via"]
        if isinstance(one, dict)  # a text names another package, which has an entry of its own
    ]


# -- both ----------------------------------------------------------------------------------------


def _json_of(command: list[str], *, cwd: Path, timeout_seconds: float) -> dict[str, Any]:
    """The report that *command* prints. The exit code is ignored: it also counts findings."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotAuditedError(f"no answer within {timeout_seconds:g} s") from error
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        last_line = (done.stderr.strip() or "no output").splitlines()[-1]
        raise NotAuditedError(last_line[:300]) from error
    return report


if __name__ == "__main__":
    sys.exit(main())
