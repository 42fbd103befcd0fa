"""docs/troubleshooting.md: every command runs as printed, and prints what the page shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from progress_service.doctor.examination import ALONE, CHECKS, DATABASE_CHECKS
from progress_service.testing import ServiceProcess, service_on, wait_until
from tests.processes import PROGRAM
from tests.processes import run as run_program

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text()
SECRET = "Qv7mZt2Xc9Lr4Hs8Wn1Kd6Pj3Fb5Gy0TuEaRiOoUw+/k"
COMMON_ISSUES = (
    "Video doesn't resume",
    "Progress not saving",
    "Progress bar not showing",
    "Progress resets to 0",
)
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """Commands, and what they print; ``…`` stands for anything."""

    heading: str
    commands: str
    output: str


def chapters() -> list[tuple[str, str]]:
    title, *rest = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return [
        ("", title),
        *((heading, text) for heading, _, text in (c.partition("\n") for c in rest)),
    ]


def examples() -> list[Example]:
    found = []
    for heading, text in chapters()[1:]:
        blocks = BLOCK.findall(text)
        assert len(blocks) % 2 == 0, heading
        for (kind, commands), (shown, output) in list(pairwise(blocks))[::2]:
            assert (kind, shown) == ("bash", "text"), heading
            found.append(Example(heading, commands, output))
    return found


class Shell:
    """Runs commands with the settings of the service."""

    def __init__(self, service: ServiceProcess, folder: Path) -> None:
        self._service = service
        curl = folder / "curl"  # so that the test requires no curl on this machine
        curl.write_text(f"#!{sys.executable} -E\n" + CURL)
        curl.chmod(0o755)
        path = os.pathsep.join([str(folder), str(PROGRAM.parent), os.environ["PATH"]])
        self._environment = {**service.environment, "PATH": path}
        self._folder = folder
        self.variables: dict[str, str] = {}

    def report_too_often(self) -> None:
        """Send reports until one is rejected because of the rate limit."""
        body = {"watch_time": 41, "total_duration": 90}
        path = "/api/progress/video/welcome/watch-time"
        with self._service.client() as ana:
            wait_until(lambda: ana.post(path, json=body).status_code == 429, within_seconds=60)

    def output(self, commands: str) -> str:
        result = subprocess.run(
            ["bash", "-c", commands],
            cwd=self._folder,
            env={**self._environment, **self.variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.stderr == "", result.stderr
        return result.stdout


CURL = """
import argparse, sys, urllib.error, urllib.request

parser = argparse.ArgumentParser(prog="curl")
parser.add_argument("-s", action="store_true")
parser.add_argument("-i", action="store_true")
parser.add_argument("-X", dest="method")
parser.add_argument("-H", dest="headers", action="append", default=[])
parser.add_argument("-d", dest="body")
parser.add_argument("address")
asked = parser.parse_args()
body = asked.body.encode() if asked.body is not None else None
headers = dict(header.split(": ", 1) for header in asked.headers)
request = urllib.request.Request(asked.address, body, headers, method=asked.method)
try:
    response = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
except urllib.error.HTTPError as error:
    response = error
if asked.i:
    print(f"HTTP/1.1 {response.status} {response.reason}")
    for name, value in response.headers.items():
        print(f"{name}: {value}")
    print()
sys.stdout.write(response.read().decode())
"""


@pytest.fixture(scope="module")
def shell(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a service with the demo course, which Ana has begun."""
    folder = tmp_path_factory.mktemp("troubleshooting")
    given = {
        "PROGRESS_MONGODB_DATABASE": f"troubleshooting_{os.getpid()}",
        "PROGRESS_JWT_SECRET": SECRET,
        "PROGRESS_CORS_ORIGINS": "https://learn.example",
    }
    with service_on(mongodb_uri, folder, **given) as service:
        given["PROGRESS_MONGODB_URI"] = mongodb_uri
        assert run_program(folder, "seed", settings=given).returncode == 0
        (settings,) = [commands for _, commands in BLOCK.findall(chapters()[0][1])]
        shell = Shell(service, folder)
        here = settings.replace("http://127.0.0.1:8000", service.address)
        names = ("S", "ANA", "OPS")
        values = shell.output(here + "".join(f'echo "${name}"\n' for name in names)).splitlines()
        shell.variables = dict(zip(names, values, strict=True))
        yield shell


def as_pattern(output: str) -> str:
    """The printed output as a pattern; a line that is only ``…`` stands for any lines."""
    return "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in output.splitlines()
    )


def test_commands_print_what_the_page_shows(shell: Shell):
    report = {"watch_time": 40, "total_duration": 90, "observed_at": a_minute_ago()}
    address = "$S/api/progress/video/welcome/watch-time"
    shell.output(f"curl -s -X POST {address} -H \"$ANA\" -d '{json.dumps(report)}'; sleep 1")
    different = []
    for heading, commands, output in examples():
        if heading == "429 too_often":
            shell.report_too_often()
        printed = shell.output(commands)
        if not re.fullmatch(as_pattern(output), printed.rstrip("\n") + "\n"):
            different.append(f"{heading}\n{output}--- printed:\n{printed}")

    assert not different, "\n".join(different)


def a_minute_ago() -> str:
    return (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


def test_common_issues_are_headings():
    headings = [heading for heading, _ in chapters()]

    assert [issue for issue in COMMON_ISSUES if issue not in headings] == []


def test_each_check_of_the_doctor_is_described():
    [(_, text)] = [chapter for chapter in chapters() if chapter[0] == "The doctor"]
    table = text.split("| check | warning | error |")[1]
    described = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)

    assert set(described) == {*CHECKS, "database", *DATABASE_CHECKS, *ALONE}
    assert len(described) == len(set(described))
