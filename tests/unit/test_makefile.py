"""What `make` says where Node or Python is too old: one sentence with the remedy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder of programs that go before those of this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def pretend(tools: Path, name: str, script: str) -> None:
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
    pretend(tools, "node", f"echo {version}")
    pretend(tools, "npm", "echo npm was called >&2; exit 9")


@pytest.mark.parametrize("version", ["v12.22.9", "v18.19.0", "v20.18.3", "v21.7.3", "v22.11.0"])
@pytest.mark.parametrize("target", ["node", "openapi", "check"])
def test_old_node_is_told_in_one_sentence(tools: Path, version: str, target: str):
    with_node(tools, version)

    ended = make(tools, *(("-o", ".venv/.installed") if target != "node" else ()), target)

    assert ended.returncode != 0
    assert "npm was called" not in ended.stderr
    (said,) = ended.stdout.splitlines()
    assert "Node 20.19 or newer" in said
    assert f"this is {version}" in said
    assert "https://nodejs.org/en/download" in said


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0"])
def test_newer_node_is_fine(tools: Path, version: str):
    with_node(tools, version)

    assert make(tools, "node").returncode == 0


def test_setup_with_old_node_leaves_the_web_app_out_and_says_so(tools: Path):
    with_node(tools, "v18.19.0")

    planned = make(tools, "-n", "setup").stdout

    assert "npm ci" not in planned
    assert "The API and /docs work without it" in planned


def test_another_version_of_node_installs_the_packages_again(tools: Path):
    plans = []
    for version in ("v22.12.0", "v24.1.0"):
        with_node(tools, version)
        plans.append(make(tools, "-n", "-o", ".venv/.installed", "setup").stdout)

    assert all("npm ci" in plan for plan in plans)
    assert "web/node_modules/.installed-v22.12.0" in plans[0]
    assert "web/node_modules/.installed-v24.1.0" in plans[1]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('[ "$1" = --version ] && echo Python 3.10.12; [ "$1" = --version ]', "Python 3.10.12"),
        ("exit 127", "missing"),
    ],
)
def test_old_python_is_told_in_one_sentence(tools: Path, script: str, said: str):
    pretend(tools, "python3", script)

    ended = make(tools, "python")

    assert ended.returncode != 0
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"Python 3.11 or newer is needed, and python3 is {said};")
    assert "make PYTHON=python3.12" in line
