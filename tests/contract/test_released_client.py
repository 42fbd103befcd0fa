"""The last released Python client works with this service: the wheel, never the working tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from progress_service.testing import ServiceProcess
from tests.builders import a_token

RELEASED = Path(__file__).parent / "released"
PROGRAM = Path(__file__).with_name("released_client_program.py")
TIMEOUT_SECONDS = 120


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the released package; its dependencies are those of this environment."""
    [wheel] = RELEASED.glob("progress_client-*.whl")
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--disable-pip-version-check", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return target


@pytest.mark.parametrize("mode", ["sync", "asyncio"])
def test_released_client_drives_every_operation(
    installed: Path, server: ServiceProcess, mode: str, tmp_path: Path
):
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "SERVICE_URL": server.address,
        "SERVICE_TOKEN": a_token("importer", "service"),
        f"STUDENT_TOKEN_{mode.upper()}": a_token(f"ana-{mode}"),
    }
    command = [sys.executable, str(PROGRAM), mode]
    done = subprocess.run(
        command,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    location, operations = done.stdout.split()
    assert Path(location).is_relative_to(installed)
    assert int(operations) >= 25


def test_released_packages_are_small_and_single():
    packages = sorted(path.name for path in RELEASED.iterdir())

    assert [re.sub(r"\d+\.\d+\.\d+", "X", name) for name in packages] == [
        "progress-service-tracker-X.tgz",
        "progress_client-X-py3-none-any.whl",
    ]
    assert max(path.stat().st_size for path in RELEASED.iterdir()) < 1_000_000
