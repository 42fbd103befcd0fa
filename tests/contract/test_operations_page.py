"""docs/operations.md, followed word by word: its commands run, and what it names exists."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from progress_service.settings import OTHER_VARIABLES, Settings
from progress_service.testing import free_port, wait_until
from tests.contract.operator_pages import Block, Shell, blocks_of
from tests.deploy.charts import ROOT
from tests.processes import PROGRAM

DOCS = ROOT / "docs"
SOURCES = ROOT / "src" / "progress_service"
PAGE = (DOCS / "operations.md").read_text()
FIRST_START = "Before the first start"
PRINTED_URI = "mongodb://db-1,db-2,db-3/?replicaSet=rs0"
PRINTED_ADDRESS = "http://127.0.0.1:8000"
SUBCOMMANDS = ("prepare-db", "rebuild-analytics", "seed")
"""Commands that run to their end on any database."""
STOP_SECONDS = 60
"""As the page says: allow so many before SIGKILL."""


@pytest.fixture
def shell(tmp_path: Path, mongodb_uri: str) -> Shell:
    """Follows the page on a database of its own."""
    port = free_port()
    settings = {
        "PROGRESS_MONGODB_DATABASE": f"operations_{port}",
        "PROGRESS_PORT": str(port),
    }
    shell = Shell(tmp_path, settings)
    shell.replaced = {
        PRINTED_URI: mongodb_uri,
        PRINTED_ADDRESS: f"http://127.0.0.1:{port}",
        # In the background, as a service manager runs it.
        "progress-service serve": "progress-service serve >log 2>&1 & echo $! >pid",
    }
    return shell


def commands() -> list[str]:
    """The commands of the page that are printed within its text."""
    names = "|".join(SUBCOMMANDS)
    found = re.findall(rf"`(?:progress-service )?((?:{names})(?: --[^`]*)?)`", PAGE)
    return list(dict.fromkeys(found))


@contextmanager
def serving(shell: Shell, serve: Block) -> Iterator[Path]:
    """The log of the service, once it is ready; it must then stop in the documented time."""
    log = shell.folder / "log"
    shell.run(serve)
    pid = int((shell.folder / "pid").read_text())
    try:
        address = shell.replaced[PRINTED_ADDRESS]
        wait_until(lambda: is_ready(address), within_seconds=60, otherwise=log.read_text)
        yield log
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: has_ended(pid), within_seconds=STOP_SECONDS)


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def has_ended(pid: int) -> bool:
    """True once a process has exited, whether or not its parent has noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_first_start_word_by_word(shell: Shell):
    settings, prepare, serve, check = blocks_of("operations.md", section=FIRST_START)

    shell.run(settings)
    too_early = shell.run(Block("bash", "progress-service serve; wait $! || echo stopped"))
    reason = (shell.folder / "log").read_text()
    prepared = [shell.run(prepare) for _ in range(2)]
    with serving(shell, serve):
        checked = shell.run(check)

    assert "stopped" in too_early
    assert "prepare-db" in reason
    assert "index watch_progress.student_id_1_material_id_1" in prepared[1]
    assert '{"status":"ok"}' in checked
    assert '{"status":"ready"}' in checked
    assert '"courses":[]' in checked


def test_commands_in_the_text_succeed(shell: Shell):
    found = commands()
    assert {"prepare-db --migrate", "prepare-db --migrate --dry-run", "rebuild-analytics"} <= set(
        found
    )

    settings, prepare, *_ = blocks_of("operations.md", section=FIRST_START)
    shell.run(settings)
    shell.run(prepare)
    for command in found:
        shell.run(Block("bash", f"progress-service {command}"))


def test_shared_rate_limits_as_printed(shell: Shell):
    [printed] = re.findall(r"^(PROGRESS_RATE_LIMIT_STORAGE=.*)$", PAGE, re.MULTILINE)
    name, _, value = printed.partition("=")
    settings, prepare, serve, check = blocks_of("operations.md", section=FIRST_START)

    shell.run(Block("bash", f"export {name}={shlex.quote(value)}"))
    for block in (settings, prepare):
        shell.run(block)
    with serving(shell, serve) as log:
        assert '"courses":[]' in shell.run(check)

    assert "rate_limit_storage_failed" not in log.read_text()


def test_every_command_and_option_exists():
    for command in set(re.findall(r"`progress-service ([a-z-]+[^`]*)`", PAGE)):
        name, *words = shlex.split(command)
        shown = subprocess.run(
            [str(PROGRAM), name, "--help"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        )
        assert shown.returncode == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.stdout, command


def test_every_setting_exists():
    known = {f"PROGRESS_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES

    assert set(re.findall(r"\bPROGRESS_[A-Z_]*[A-Z]\b", PAGE)) <= known


def constants() -> Iterator[tuple[str, str, str]]:
    """(row, constant, path) for each constant that a table says is defined in a file."""
    for row in PAGE.splitlines():
        for names, path in re.findall(r"((?:`[A-Z_]+`(?:, )?)+) in `([\w/]+\.py)`", row):
            for name in re.findall(r"[A-Z_]+", names):
                yield row, name, path


def test_times_are_those_of_the_code():
    found = [*constants()]
    assert len(found) >= 10

    for row, name, path in found:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        value = getattr(importlib.import_module(f"progress_service.{module}"), name)
        if name.endswith("_MILLISECONDS"):
            assert f"{value / 1000:g} s" in row, name
        elif name.endswith("_SECONDS"):
            assert f"{value:g} s" in row, name


def test_files_exist():
    for path in re.findall(r"`((?:deploy|tests|docs|scripts)/[\w./-]+)`", PAGE):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"`((?:edge|mongo|serving|live)/\w+\.py)`", PAGE):
        assert (SOURCES / path).exists(), path


def test_log_events_are_logged():
    sources = "".join(path.read_text() for path in SOURCES.rglob("*.py"))
    [table] = re.findall(r"^\| event \| level .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)

    events = {
        event
        for row in table.rstrip().splitlines()[2:]
        for event in re.findall(r"`([a-z_]+)`", row.split("|")[1])
    } - {"status"}
    assert len(events) > 15
    assert {event for event in events if f'"{event}"' not in sources} == set()


def anchors(page: Path) -> set[str]:
    """The addresses of a page's sections, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", ["operations.md", "deploy.md"])
def test_links_lead_somewhere(name: str):
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", (DOCS / name).read_text())
    assert links

    for link in links:
        path, _, anchor = link.partition("#")
        target = (DOCS / path) if path else DOCS / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
