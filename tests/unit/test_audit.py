"""The dependency audit: how it reads the reports of its tools."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "audit.py"
REVIEWED = {"id": "PYSEC-2026-1325", "aliases": ["CVE-2024-23342"], "fix_versions": []}
NEW = {"id": "PYSEC-2099-1", "aliases": [], "fix_versions": ["9.9"]}
UNKNOWN = {"name": "ecdsa", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "audit", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PIP_AUDIT", tmp_path)
    monkeypatch.setattr(module, "audit_npm", list)
    return module


def returning(*reports: dict[str, Any]) -> Any:
    """Replaces the run of a tool: returns the reports in order, then the last one again."""
    remaining = list(reports)

    def run(*_: Any, **__: Any) -> dict[str, Any]:
        return remaining.pop(0) if len(remaining) > 1 else remaining[0]

    return run


def report(*vulnerabilities: dict[str, Any]) -> dict[str, Any]:
    found = {"name": "ecdsa", "version": "0.19.2", "vulns": list(vulnerabilities)}
    return {"dependencies": [found], "fixes": []}


def test_reviewed_finding_is_listed_and_passes(audit: ModuleType, monkeypatch, capsys):
    monkeypatch.setattr(audit, "_json_of", returning(report(REVIEWED)))

    assert audit.main() == 0
    assert "CVE-2024-23342" in capsys.readouterr().out


def test_unreviewed_finding_fails(audit: ModuleType, monkeypatch, capsys):
    monkeypatch.setattr(audit, "_json_of", returning(report(REVIEWED, NEW)))

    assert audit.main() == 1
    assert "PYSEC-2099-1: NOT REVIEWED" in capsys.readouterr().out


@pytest.mark.parametrize(
    "empty", [report(), {"dependencies": [UNKNOWN]}], ids=["no advisories", "unknown packages"]
)
def test_empty_advisory_database_counts_as_not_audited(
    audit: ModuleType, monkeypatch, capsys, empty
):
    monkeypatch.setattr(audit, "_json_of", returning(empty))

    assert audit.main() == 0
    assert "Python: not audited: " in capsys.readouterr().out


def test_unknown_packages_are_named(audit: ModuleType, monkeypatch, capsys):
    partial = {"dependencies": [{**UNKNOWN, "name": "motor"}]}
    monkeypatch.setattr(audit, "_json_of", returning(report(REVIEWED), partial))

    assert audit.main() == 0
    assert "Python: not audited: motor: unknown to pypi" in capsys.readouterr().out


def test_command_without_a_report_counts_as_not_audited(audit: ModuleType, tmp_path: Path):
    command = [sys.executable, "-c", "raise SystemExit('no route to host')"]

    with pytest.raises(audit.NotAuditedError, match="no route to host"):
        audit._json_of(command, cwd=tmp_path, timeout_seconds=60)


def test_command_that_never_ends_is_stopped(audit: ModuleType, tmp_path: Path):
    command = [sys.executable, "-c", "import time; time.sleep(600)"]

    with pytest.raises(audit.NotAuditedError, match="no answer within"):
        audit._json_of(command, cwd=tmp_path, timeout_seconds=0.2)


def test_npm_report_names_each_advisory_once(audit: ModuleType):
    advisory = {"url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc", "range": "<2"}
    found = audit.npm_findings({"vulnerabilities": {"a": {"via": [advisory, "b"]}}})

    assert [str(finding) for finding in found] == ["a <2: GHSA-aaaa-bbbb-cccc"]


def test_npm_error_counts_as_not_audited(audit: ModuleType):
    with pytest.raises(audit.NotAuditedError, match="405"):
        audit.npm_findings({"message": "405 Method Not Allowed", "error": {}})
