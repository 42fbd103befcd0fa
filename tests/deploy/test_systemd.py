"""The systemd units: verified by systemd, and their commands run."""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import subprocess
from pathlib import Path

import httpx
import pytest
from dotenv import dotenv_values

from progress_service.testing import free_port, wait_until
from tests.builders import SECRET
from tests.deploy.charts import DEPLOY
from tests.processes import PROGRAM

UNITS = DEPLOY / "systemd"
SERVE = UNITS / "progress-service.service"
INSTANCE = UNITS / "progress-service@.service"
PREPARE = UNITS / "progress-service-prepare-db.service"
INSTALLED = "/opt/progress-service/bin/"
EXPOSURE = 20
"""The highest permitted exposure of `systemd-analyze security`, in tenths; 10 is unrestricted."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, with the program where it is on this machine."""
    for unit in (SERVE, INSTANCE, PREPARE):
        text = unit.read_text().replace(INSTALLED, f"{PROGRAM.parent}/")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def service_of(unit: Path) -> dict[str, str]:
    """The section [Service]; of a repeated directive, the last value."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return dict(parser["Service"])


def command_of(unit: Path) -> list[str]:
    """The words of ``ExecStart``, with the program where it is on this machine."""
    program, *arguments = shlex.split(service_of(unit)["ExecStart"])
    assert program == f"{INSTALLED}{PROGRAM.name}"
    return [str(PROGRAM), *arguments]


def environment_of(unit: Path, mongodb_uri: str, port: int) -> dict[str, str]:
    """The example of the file that the unit names, filled in as its comments say."""
    assert service_of(unit)["EnvironmentFile"] == "/etc/progress-service/environment"
    example = dotenv_values(UNITS / "environment.example", interpolate=False)
    given = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"units_{port}",
        "PROGRESS_JWT_SECRET": SECRET,
        "PROGRESS_PORT": str(port),
    }
    return {name: value or "" for name, value in (example | given).items()}


def test_systemd_accepts_the_units(installed: Path):
    units = sorted(installed.glob("*.service"))
    assert len(units) == 3

    result = analyze("verify", "--man=no", *map(str, units))

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_misspelt_directive_is_found(installed: Path):
    unit = installed / SERVE.name
    unit.write_text(unit.read_text().replace("TimeoutStopSec", "TimeoutStopSecs"))

    assert "TimeoutStopSecs" in analyze("verify", "--man=no", str(unit)).stderr


@pytest.mark.parametrize("unit", [SERVE, PREPARE], ids=lambda unit: unit.stem)
def test_units_are_restricted(installed: Path, unit: Path):
    options = ["--offline=true", f"--threshold={EXPOSURE}"]

    result = analyze("security", *options, str(installed / unit.name))

    assert result.returncode == 0, result.stdout


def test_stop_has_the_documented_time():
    service = service_of(SERVE)

    assert int(service["TimeoutStopSec"]) > 15
    assert service["KillMode"] == "mixed"
    assert service["Restart"] == "always"


def test_instances_differ_in_their_port_only():
    one, several = service_of(SERVE), service_of(INSTANCE)

    assert several.pop("ExecStart") == f"{one.pop('ExecStart')} --port %i"
    assert several == one


def test_both_units_run_with_the_same_restrictions():
    own = {"Type", "ExecStart", "TimeoutStartSec", "TimeoutStopSec", "KillMode", "Restart"}
    own |= {"RestartSec", "LimitNOFILE"}

    serve, prepare = (
        {name: value for name, value in service_of(unit).items() if name not in own}
        for unit in (SERVE, PREPARE)
    )

    assert serve == prepare


def test_commands_of_the_units_serve_and_stop(mongodb_uri: str, tmp_path: Path):
    port = free_port()
    environment = environment_of(SERVE, mongodb_uri, port)
    assert environment == environment_of(PREPARE, mongodb_uri, port)
    environment["PATH"] = os.environ["PATH"]
    subprocess.run(command_of(PREPARE), cwd=tmp_path, env=environment, check=True, timeout=60)

    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            command_of(SERVE), cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        wait_until(
            lambda: is_ready(port),
            within_seconds=60,
            otherwise=lambda: (tmp_path / "log").read_text(),
        )
        service.send_signal(signal.SIGTERM)  # KillMode=mixed: to the main process only
        assert service.wait(int(service_of(SERVE)["TimeoutStopSec"])) in (0, -signal.SIGTERM)
    finally:
        if service.poll() is None:
            service.kill()
            service.wait()


def is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_example_has_no_secret_and_does_not_start(mongodb_uri: str, tmp_path: Path):
    environment = environment_of(SERVE, mongodb_uri, free_port()) | {"PROGRESS_JWT_SECRET": ""}

    result = subprocess.run(
        command_of(SERVE),
        cwd=tmp_path,
        env=environment | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 1
    assert "PROGRESS_JWT_SECRET" in result.stderr
