"""A real learning record store, Ralph, with a database of its own; `make ralph` installs it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from progress_service.child_processes import ends_with_parent
from progress_service.mongo.mongod_binary import find_mongod
from progress_service.testing import free_port, wait_until

PROGRAMS = Path(__file__).parents[1] / ".venv-ralph" / "bin"
KEY, SECRET = "progress", "a-secret-of-the-store"
START_SECONDS = 180.0
STATEMENTS_PER_PAGE = 100
ADDED_BY_THE_STORE = ("stored", "authority")


class Ralph:
    """One Ralph server. Its port and its database stay the same across restarts."""

    def __init__(self, folder: Path, database_uri: str) -> None:
        self._database_uri = database_uri
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.endpoint = f"{self.address}/xAPI"
        self._folder = folder
        self._environment = {
            **_without_settings(os.environ),
            "RALPH_APP_DIR": str(folder),
            "RALPH_AUTH_FILE": str(folder / "auth.json"),
            "RALPH_RUNSERVER_BACKEND": "async_mongo",
            "RALPH_BACKENDS__LRS__MONGO__CONNECTION_URI": database_uri,
            "RALPH_BACKENDS__LRS__MONGO__DEFAULT_DATABASE": "store",
            "RALPH_BACKENDS__LRS__MONGO__DEFAULT_COLLECTION": "statements",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._restarting = asyncio.Lock()

    def add_user(self) -> None:
        """Make the file with its users, by its own command."""
        scopes = ("--scope", "statements/write", "--scope", "statements/read")
        self._run(
            *("auth", "--username", KEY, "--password", SECRET, *scopes),
            *("--agent-ifi-account", KEY, "https://learn.example", "--write-to-disk"),
        )

    def validate(self, statements: Sequence[Mapping[str, Any]]) -> str:
        """What ``ralph validate`` says about *statements*.

        Raises:
            CalledProcessError: it rejects one, or knows none of its models for it.
        """
        lines = "\n".join(map(json.dumps, statements))
        return self._run("validate", "--format", "xapi", "--fail-on-unknown", text=lines)

    def _run(self, *arguments: str, text: str = "") -> str:
        result = subprocess.run(
            [PROGRAMS / "ralph", *arguments],
            env=self._environment,
            cwd=self._folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-4_000:]
        return result.stderr

    def start(self) -> None:
        """Start the server, and return when it accepts statements."""
        self._begin()
        self._wait_until_ready()

    def _begin(self) -> None:
        """Start the process. It ends with the thread that calls this."""
        with (self._folder / "ralph.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAMS / "uvicorn", "ralph.api:app", "--port", str(self.port)],
                env=self._environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )

    def _wait_until_ready(self) -> None:
        wait_until(
            self._is_ready,
            within_seconds=START_SECONDS,
            otherwise=lambda: (self._folder / "ralph.log").read_text()[-4_000:],
        )

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "ralph.log").read_text()[-4_000:]
        try:
            return httpx.get(f"{self.address}/__heartbeat__", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL: no request is completed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def restart(self) -> None:
        """Kill it, and start it again on its data. The next kill waits until it is ready."""
        async with self._restarting:
            self.kill()
            self._begin()
            await asyncio.to_thread(self._wait_until_ready)

    def statements(self) -> list[dict[str, Any]]:
        """Everything it has stored, without what it adds itself."""
        found: list[dict[str, Any]] = []
        more: str | None = f"/xAPI/statements?limit={STATEMENTS_PER_PAGE}"
        with httpx.Client(base_url=self.address, auth=(KEY, SECRET), timeout=30) as client:
            while more:
                page = client.get(more).raise_for_status().json()
                found += page["statements"]
                more = page.get("more")
        return [
            {name: value for name, value in one.items() if name not in ADDED_BY_THE_STORE}
            for one in found
        ]

    def in_database(self) -> list[dict[str, Any]]:
        """Everything it has stored; its own pages repeat statements when there are many."""
        with MongoClient[dict[str, Any]](self._database_uri) as client:
            return [one["_source"] for one in client["store"]["statements"].find({})]

    def clear(self) -> None:
        """Remove every statement."""
        with MongoClient[dict[str, Any]](self._database_uri) as client:
            client["store"]["statements"].delete_many({})


def _without_settings(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not name.startswith("RALPH_")}


@contextmanager
def ralph(folder: Path) -> Iterator[Ralph]:
    """A running Ralph with one user, and a database in *folder*."""
    assert (PROGRAMS / "ralph").exists(), "Ralph is not installed: run `make ralph`."
    with _database(folder) as uri:
        store = Ralph(folder, uri)
        store.add_user()
        try:
            store.start()
            yield store
        finally:
            store.kill()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A mongod on a port: Ralph accepts no unix socket."""
    data = folder / "data"
    data.mkdir()
    port = free_port()
    uri = f"mongodb://127.0.0.1:{port}/"
    command: list[str | Path] = [
        *(find_mongod(), "--dbpath", data, "--bind_ip", "127.0.0.1", "--port", str(port)),
        *("--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        preexec_fn=ends_with_parent(signal.SIGKILL),
    )
    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=200) as client:
            wait_until(lambda: _responds(client), within_seconds=START_SECONDS)
        yield uri
    finally:
        process.kill()
        process.wait()


def _responds(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True
