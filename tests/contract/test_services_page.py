"""The examples of docs/services.md, sent as printed, and the responses it shows."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

import httpx

from tests.processes import dev

PAGE = Path(__file__).parents[2] / "docs" / "services.md"
BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIME = re.compile(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"')
CURL = argparse.ArgumentParser(prog="curl", exit_on_error=False)
CURL.add_argument("-s", action="store_true")
CURL.add_argument("-X", dest="method", default="GET")
CURL.add_argument("-H", dest="header", default="")
CURL.add_argument("-d", dest="body")
CURL.add_argument("address")


def sent(command: str, variables: dict[str, str]) -> httpx.Response:
    """The response to a ``curl`` command."""
    program, *words = shlex.split(Template(command).substitute(variables))
    assert program == "curl"
    asked = CURL.parse_args(words)
    name, _, value = asked.header.partition(": ")
    headers = {name: value}
    if asked.body is not None:  # `curl -d` says so, whatever the body is
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return httpx.request(asked.method, asked.address, content=asked.body, headers=headers)


def commands_in(block: str) -> list[str]:
    """The commands of a block, one or more lines each."""
    lines = block.replace("\\\n", " ")
    return [f"curl {part}" for part in re.split(r"^curl ", lines, flags=re.MULTILINE) if part]


def without_times(text: str) -> Any:
    return json.loads(TIME.sub('"(a time)"', text))


def test_examples_have_the_responses_that_the_page_shows(tmp_path: Path):
    (_, settings), *blocks = BLOCK.findall(PAGE.read_text())
    assert "SERVICE=" in settings
    shown = 0

    with dev(tmp_path) as service:
        token = service.token("lms", "service")
        variables = {"S": service.address, "SERVICE": f"Authorization: Bearer {token}"}
        response: httpx.Response | None = None
        for kind, block in blocks:
            if kind == "json":
                assert response is not None
                assert without_times(response.text) == without_times(block)
                shown += 1
                continue
            for command in commands_in(block):
                response = sent(command, variables).raise_for_status()

    assert shown == 7
