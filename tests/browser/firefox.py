"""Firefox over WebDriver BiDi: the commands that the journeys need, for pages and scripts.

Source: https://w3c.github.io/webdriver-bidi/
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = "firefox-esr"
START_SECONDS = 60
RESPONSE_SECONDS = 60
STOP_SECONDS = 60
PREFERENCES = {
    "media.autoplay.default": 0,  # videos may start without a click
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "dom.serviceWorkers.enabled": False,
    "browser.sessionstore.resume_from_crash": False,
    "toolkit.startup.max_resumed_crashes": -1,
}
DEFAULT_PROFILE = "default"  # survives the process, in its folder


class ScriptFailed(Exception):
    """A script of a test threw an exception."""


class Firefox:
    """A running Firefox; one session, many tabs."""

    def __init__(self, connection: ClientConnection, process: subprocess.Popen[bytes]) -> None:
        self._connection = connection
        self._process = process
        self._ids = itertools.count(1)
        self.call("session.new", capabilities={})

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The browser's response to one command."""
        command_id = next(self._ids)
        self._connection.send(json.dumps({"id": command_id, "method": method, "params": params}))
        while True:
            response = json.loads(self._connection.recv(timeout=RESPONSE_SECONDS))
            if response.get("id") == command_id:
                break
        if response["type"] == "error":
            raise RuntimeError(f"{method}: {response['message']}")
        result: dict[str, Any] = response["result"]
        return result

    def kill(self) -> None:
        """Kill the process, and wait until it has exited."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def profile(self) -> str:
        """Create a profile that shares nothing with the others; returns its id."""
        return str(self.call("browser.createUserContext")["userContext"])

    def remove_profile(self, profile: str) -> None:
        """Close a profile's tabs and delete its storage."""
        self.call("browser.removeUserContext", userContext=profile)

    def tab(self, profile: str) -> str:
        """Open a tab; returns its id."""
        opened = self.call("browsingContext.create", type="tab", userContext=profile)
        return str(opened["context"])

    def evaluate(self, tab: str, expression: str) -> Any:
        """The value of a script in a tab, promises awaited."""
        wrapped = f"(async () => JSON.stringify({{value: await ({expression})}}))()"
        response = self.call(
            "script.evaluate", expression=wrapped, target={"context": tab}, awaitPromise=True
        )
        if response["type"] == "exception":
            raise ScriptFailed(response["exceptionDetails"]["text"])
        return json.loads(response["result"]["value"]).get("value")


@contextmanager
def firefox(
    folder: Path, preferences: Mapping[str, object] = MappingProxyType({})
) -> Iterator[Firefox]:
    """Headless Firefox with its profile in *folder*, and *preferences* in addition to ours."""
    all_preferences = {**PREFERENCES, **preferences}
    lines = (
        f'user_pref("{name}", {json.dumps(value)});' for name, value in all_preferences.items()
    )
    (folder / "user.js").write_text("\n".join(lines))
    log = folder / "log"
    options = ["--headless", "--no-remote", "--remote-debugging-port", "0"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [FIREFOX, *options, "--profile", folder],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with connect(f"{_address(process, log)}/session", max_size=None) as connection:
            yield Firefox(connection, process)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        match = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text())
        if match:
            return match[1]
        time.sleep(0.1)
    raise AssertionError(f"Firefox did not start:\n{log.read_text()}")
