"""A browser with a profile of its own that can be closed, killed and reopened."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Error, Page, Response

from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.browser.pages import CoursePage, Player

EXIT_SECONDS = 60


@dataclass
class Device:
    """One browser of a student. Its profile outlives its process."""

    chromium: BrowserType
    address: str
    profile: Path
    resume_responses: list[dict[str, Any]] = field(default_factory=list)
    context: BrowserContext | None = None

    def start(self) -> Page:
        """Start the browser; returns its empty page."""
        self.context = self.chromium.launch_persistent_context(
            self.profile,
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            base_url=self.address,
            viewport={"width": 1280, "height": 900},
        )
        self.context.on("response", self._record)
        return self.context.pages[0]

    def sign_in(self, token: str) -> None:
        """Sign in and then close the browser cleanly."""
        CoursePage(self.start()).sign_in(token)
        self.close()

    def open(self, title: str) -> Player:
        """Open the video in a new tab, starting the browser if it does not run."""
        page = self.start() if self.context is None else self.context.new_page()
        self.resume_responses.clear()
        course = CoursePage(page)
        course.open()
        return course.watch(title)

    @property
    def resume(self) -> dict[str, Any]:
        """The last resume response that the page received."""
        return self.resume_responses[-1]

    def set_offline(self, offline: bool) -> None:
        assert self.context is not None
        self.context.set_offline(offline)

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None

    def kill(self) -> None:
        """Kill the browser's process, and wait until it has exited."""
        for process in self._processes():
            os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + EXIT_SECONDS
        while self._processes():
            assert time.monotonic() < deadline, "the browser does not exit"
            time.sleep(0.02)
        try:
            self.close()
        except Error:
            self.context = None

    def _record(self, response: Response) -> None:
        if "/resume?" in response.url and response.ok:
            self.resume_responses.append(response.json())

    def _processes(self) -> list[int]:
        """The main process of this profile; its children do not name the profile."""
        profile_argument = f"--user-data-dir={self.profile}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if profile_argument in (entry / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except (OSError, ValueError):
                continue
        return found
