"""Dashboards of teachers, which poll analytics as the web app does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import httpx

from benchmarks.environment import VIDEOS
from benchmarks.learners import COURSE_ID, token, video_id
from benchmarks.processes import Server

POLL_SECONDS = 30.0  # web/app/src/features/analytics/queries.ts


@contextmanager
def open_dashboards(server: Server, *, number: int) -> Iterator[list[float]]:
    """Keep *number* dashboards open; each polls the course and one video.

    Yields:
        The milliseconds that each poll took so far.
    """
    stopped, polled_ms = threading.Event(), list[float]()
    thread = threading.Thread(target=_poll, args=(server, number, stopped, polled_ms))
    thread.start()
    try:
        yield polled_ms
    finally:
        stopped.set()
        thread.join()


def _poll(server: Server, number: int, stopped: threading.Event, polled_ms: list[float]) -> None:
    """Poll in turn, so that the polls are spread evenly; late ones are not made up for."""
    random = Random(number)
    videos = [f"video/{video_id(random.randrange(VIDEOS))}" for _ in range(number)]
    pages = [page for video in videos for page in (f"course/{COURSE_ID}", video)]
    bearer = {"Authorization": f"Bearer {token('teacher', 'teacher')}"}
    base_url = f"{server.url}/api/progress/analytics/"
    with httpx.Client(base_url=base_url, headers=bearer, timeout=30) as client:
        turn = 0
        while not stopped.wait(POLL_SECONDS / len(pages)):
            began_at = time.monotonic()
            client.get(pages[turn % len(pages)]).raise_for_status()
            polled_ms.append(1_000 * (time.monotonic() - began_at))
            turn += 1
