"""Run the commands of the pages for operators as they are printed.

What needs an engine, a cluster or systemd is replaced by programs that record how they were called.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.charts import ROOT
from tests.processes import PROGRAM

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
RUN_SECONDS = 300

RECORD = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps([{name!r}, *sys.argv[1:]]) + "\\n")
"""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text, without the indentation of its list."""

    language: str
    text: str


def blocks_of(page: str, *, section: str = "") -> list[Block]:
    """The fenced blocks of a page in docs/, or of one of its sections."""
    text = (ROOT / "docs" / page).read_text()
    if section:
        [text] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return [Block(language, textwrap.dedent(body)) for _, language, body in BLOCK.findall(text)]


class Shell:
    """Runs blocks with bash in one folder, in which `progress-service` is on the path."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.replaced: dict[str, str] = {}
        """Text of a block that is replaced by another one, like addresses."""
        self._programs = folder / "programs"
        self._programs.mkdir()
        self._log = folder / "calls.jsonl"
        path = [str(self._programs), str(PROGRAM.parent), os.environ["PATH"]]
        self._environment = {
            "PATH": os.pathsep.join(path),
            "HOME": str(folder),
            **{name: os.environ[name] for name in ("PIP_CONFIG_FILE",) if name in os.environ},
            **environment,
        }

    def replace_program(self, name: str, then: str = "") -> None:
        """Put a program on the path that records its arguments, then runs *then* (Python)."""
        path = self._programs / name
        text = RECORD.format(python=sys.executable, log=str(self._log), name=name)
        path.write_text(text + textwrap.dedent(then))
        path.chmod(0o755)

    def run(self, block: Block) -> str:
        """What a block prints; variables that it exports exist in later ones."""
        text = block.text
        for old, new in self.replaced.items():
            text = text.replace(old, new)
        variables = self.folder / "variables"
        script = f"set -eu -o pipefail\n{text}\nexport -p > {shlex.quote(str(variables))}\n"
        if variables.exists():
            script = f". {shlex.quote(str(variables))}\n{script}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def calls(self) -> list[list[str]]:
        """How the replaced programs were called, in order."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines()]
