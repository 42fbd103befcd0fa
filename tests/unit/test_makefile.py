"""`make` with an outdated Node or Python: one sentence that names the remedy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that precedes the programs of this machine in `PATH`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def install_fake(tools: Path, name: str, script: str) -> None:
    program = tools / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def make(tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def with_node(tools: Path, version: str) -> None:
    install_fake(tools, "node", f"echo {version}")
    install_fake(tools, "npm", "echo npm was called >&2; exit 9")


@pytest.mark.parametrize("version", ["v12.22.9", "v18.19.0", "v20.18.3", "v21.7.3", "v22.11.0"])
@pytest.mark.parametrize("target", ["node", "openapi", "check"])
def test_outdated_node_is_reported_in_one_sentence(tools: Path, version: str, target: str):
    with_node(tools, version)

    result = make(tools, *(("-o", ".venv/.installed") if target != "node" else ()), target)

    assert result.returncode != 0
    assert "npm was called" not in result.stderr
    (line,) = result.stdout.splitlines()
    assert "Node 20.19 or newer" in line
    assert f"this is {version}" in line
    assert "https://nodejs.org/en/download" in line


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0"])
def test_supported_node_is_accepted(tools: Path, version: str):
    with_node(tools, version)

    assert make(tools, "node").returncode == 0


def test_setup_with_outdated_node_skips_the_web_app_with_a_notice(tools: Path):
    with_node(tools, "v18.19.0")

    planned = make(tools, "-n", "setup").stdout

    assert "npm ci" not in planned
    assert "The API and /docs work without it" in planned


def test_packages_are_reinstalled_for_another_node_version(tools: Path):
    plans = []
    for version in ("v22.12.0", "v24.1.0"):
        with_node(tools, version)
        plans.append(make(tools, "-n", "-o", ".venv/.installed", "setup").stdout)

    assert all("npm ci" in plan for plan in plans)
    assert "web/node_modules/.installed-v22.12.0" in plans[0]
    assert "web/node_modules/.installed-v24.1.0" in plans[1]


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ('[ "$1" = --version ] && echo Python 3.10.12; [ "$1" = --version ]', "Python 3.10.12"),
        ("exit 127", "missing"),
    ],
)
def test_outdated_python_is_reported_in_one_sentence(tools: Path, script: str, version: str):
    install_fake(tools, "python3", script)

    result = make(tools, "python")

    assert result.returncode != 0
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"Python 3.11 or newer is needed, and python3 is {version};")
    assert "make PYTHON=python3.12" in line
