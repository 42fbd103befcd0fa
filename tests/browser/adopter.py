"""A third-party site: the npm packages installed from their archives, on an origin of its own."""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from progress_service.testing import wait_until

WEB = Path(__file__).parents[2] / "web"
FIXTURES = Path(__file__).parent / "npm"
NPM_SECONDS = 300
START_SECONDS = 30


def run(folder: Path, *command: str) -> str:
    """Run *command* and return its output; a failure raises an error with all the output."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pack(target: Path) -> list[Path]:
    """The archives that `npm publish` would send, built from the sources."""
    # Parallel test processes build into the same folders.
    with (WEB / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run(WEB, "npm", "pack", "--silent", "-w", "packages", "--pack-destination", str(target))
    return sorted(target.glob("*.tgz"))


def install(folder: Path, *fixtures: str, archives: list[Path]) -> Path:
    """Copy the fixtures into *folder*, install what their lock file pins, then the archives."""
    for fixture in fixtures:
        shutil.copytree(FIXTURES / fixture, folder, dirs_exist_ok=True)
    quiet = ("--silent", "--ignore-scripts", "--prefer-offline")
    run(folder, "npm", "ci", *quiet)
    unlocked = ("--no-save", "--no-package-lock")
    run(folder, "npm", "install", *quiet, *unlocked, *map(str, archives))
    return folder


@dataclass(frozen=True)
class Site:
    """A web server for a folder of files; the folder may still be empty."""

    folder: Path
    origin: str


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Serve *folder* on a free port, byte ranges included: a browser cannot seek without them."""
    files = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(files, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        wait_until(lambda: server.started, within_seconds=START_SECONDS)
        try:
            yield Site(folder, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(START_SECONDS)
