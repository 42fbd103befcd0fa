"""A browser with a profile of its own, which can be shut, killed and opened again."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Error, Page, Response

from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.browser.pages import CoursePage, Player

GONE_SECONDS = 10


@dataclass
class Device:
    """One browser of a student. Its profile outlives its process."""

    chromium: BrowserType
    address: str
    profile: Path
    answers: list[dict] = field(default_factory=list)
    context: BrowserContext | None = None

    def start(self) -> Page:
        """The browser's process, with an empty page."""
        self.context = self.chromium.launch_persistent_context(
            self.profile,
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            base_url=self.address,
            viewport={"width": 1280, "height": 900},
        )
        self.context.on("response", self._note)
        return self.context.pages[0]

    def sign_in(self, token: str) -> None:
        """Sign in and shut the browser in order, as somebody who did so yesterday."""
        CoursePage(self.start()).sign_in(token)
        self.shut()

    def open(self, title: str) -> Player:
        """Open the video in a new tab, starting the browser if it does not run."""
        page = self.start() if self.context is None else self.context.new_page()
        self.answers.clear()
        course = CoursePage(page)
        course.open()
        return course.watch(title)

    @property
    def resume(self) -> dict:
        """What the page was told about where to go on."""
        return self.answers[-1]

    def set_offline(self, offline: bool) -> None:
        assert self.context is not None
        self.context.set_offline(offline)

    def shut(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None

    def kill(self) -> None:
        """End the browser's process where it stands, and wait until it is gone."""
        for process in self._processes():
            os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + GONE_SECONDS
        while self._processes():
            assert time.monotonic() < deadline, "the browser does not go away"
            time.sleep(0.02)
        try:
            self.shut()
        except Error:
            self.context = None

    def _note(self, response: Response) -> None:
        if "/resume?" in response.url and response.ok:
            self.answers.append(response.json())

    def _processes(self) -> list[int]:
        """The main process of this profile; its children do not name the profile."""
        mine = f"--user-data-dir={self.profile}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if mine in (entry / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except (OSError, ValueError):
                continue
        return found
