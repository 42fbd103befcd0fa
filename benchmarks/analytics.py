"""Analytics of a large class: making releases, responding from them, and reports beside it all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

import httpx

from benchmarks import big_class
from benchmarks.dashboards import open_dashboards
from benchmarks.environment import VIDEOS, Effort, temporary_folder
from benchmarks.figures import Figure, at_least
from benchmarks.learners import COURSE_ID, Learners, student_id, token, video_id, with_tokens
from benchmarks.load import Calls, Load, median_load
from benchmarks.machine import cpu_seconds
from benchmarks.processes import Database, Server, mongod, service

VIDEO_RELEASE_SECONDS = 1.0
VIDEO_RESPONSE_MS, COURSE_RESPONSE_MS = 300, 1_000
DASHBOARDS = 20
BESIDE_GOAL = 1 / 1.1
ACTIVE_STUDENTS = 500
WARM_UP_SECONDS = 3
MIN_SECONDS_BESIDE = 15  # A dashboard polls every 30 s.
WARM_RESPONSES = 20
_PATHS = {
    "video": f"/api/progress/analytics/video/{video_id(0)}",
    "course": f"/api/progress/analytics/course/{COURSE_ID}",
}
_GOALS_MS = {"video": VIDEO_RESPONSE_MS, "course": COURSE_RESPONSE_MS}


def measure(effort: Effort) -> list[Figure]:
    """The rows for analytics."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        big_class.fill(database, students=effort.class_size)
        step = max(effort.class_size // ACTIVE_STUDENTS, 1)
        active = [student_id(number) for number in range(0, effort.class_size, step)]
        learners = with_tokens(folder / "learners", active, videos=VIDEOS)
        return [
            *asyncio.run(_releases(database, effort)),
            *_responses(database, effort),
            _beside_dashboards(database, learners, effort),
        ]


async def _releases(database: Database, effort: Effort) -> list[Figure]:
    async with big_class.opened(database) as one:
        before = cpu_seconds(database.pid)
        videos = [await one.video_seconds(number) for number in range(effort.rounds)]
        cpu = (cpu_seconds(database.pid) - before) / effort.rounds
        course_seconds = await one.course_seconds()
        all_seconds = await one.release_all()
    viewers = f"{effort.class_size:,} viewers"
    return [
        Figure(
            f"release of a video, {viewers}",
            f"{median(videos):.2f} s of the database's time",
            f"{cpu:.2f} s of mongod's processor time",
            goal=f"≤ {VIDEO_RELEASE_SECONDS:g} s",
            is_reached=median(videos) <= VIDEO_RELEASE_SECONDS,
        ),
        Figure(
            f"release of a course of {VIDEOS}, {viewers}",
            f"{course_seconds:.1f} s of the database's time",
            f"with those of its videos, at full speed: {all_seconds:.0f} s",
        ),
    ]


def _responses(database: Database, effort: Effort) -> list[Figure]:
    """Cold: the first response of a new process. Warm: later ones, by the same process."""
    cold: dict[str, list[float]] = {name: [] for name in _PATHS}
    warm: dict[str, list[float]] = {name: [] for name in _PATHS}
    for name, path in _PATHS.items():
        for _ in range(effort.rounds):
            with service(database, big_class.DATABASE, is_prepared=True) as server:
                response_ms = _response_ms(server, path)
                cold[name].append(response_ms())
                warm[name] += [response_ms() for _ in range(WARM_RESPONSES)]
    return [
        Figure(
            f"{name} of {effort.class_size:,} × {VIDEOS}, {state}",
            f"{median(times[name]):.0f} ms",
            f"slowest of {len(times[name])}: {max(times[name]):.0f} ms",
            goal=f"≤ {_GOALS_MS[name]:,} ms",
            is_reached=max(times[name]) <= _GOALS_MS[name],
        )
        for name in _PATHS
        for state, times in (("first response", cold), ("later responses", warm))
    ]


def _response_ms(server: Server, path: str) -> Callable[[], float]:
    bearer = {"Authorization": f"Bearer {token('teacher', 'teacher')}"}

    def response_ms() -> float:
        began_at = time.monotonic()
        httpx.get(f"{server.url}{path}", headers=bearer, timeout=30).raise_for_status()
        return 1_000 * (time.monotonic() - began_at)

    return response_ms


def _beside_dashboards(database: Database, learners: Learners, effort: Effort) -> Figure:
    seconds = max(effort.seconds, MIN_SECONDS_BESIDE)
    alone: list[Load] = []
    beside: list[Load] = []
    polled: list[float] = []
    for _ in range(effort.rounds):
        alone.append(_reports(database, learners, seconds=seconds, dashboards=0, polled=polled))
        beside.append(
            _reports(database, learners, seconds=seconds, dashboards=DASHBOARDS, polled=polled)
        )
    ratio = median(b.per_second / a.per_second for a, b in zip(alone, beside, strict=True))
    return Figure(
        f"reports beside {DASHBOARDS} dashboards of {effort.class_size:,} × {VIDEOS}",
        f"{_throughput(median_load(beside))}; {len(polled)} polls, median {median(polled):.0f} ms",
        f"without: {_throughput(median_load(alone))}",
        **at_least(round(BESIDE_GOAL, 2), ratio),
    )


def _reports(
    database: Database, learners: Learners, *, seconds: int, dashboards: int, polled: list[float]
) -> Load:
    """A new service, because one that was asked makes releases for some minutes."""
    with service(database, big_class.DATABASE, is_prepared=True) as server, ExitStack() as stack:
        calls = Calls(server, database, learners, "plain")
        if dashboards:
            polled_ms = stack.enter_context(open_dashboards(server, number=dashboards))
        calls.run(seconds=WARM_UP_SECONDS)
        load = calls.run(seconds=seconds)
        if dashboards:
            polled += polled_ms
        return load


def _throughput(load: Load) -> str:
    return f"{load.per_second:,.0f}/s (µs: {load.server_us:.0f} + {load.mongod_us:.0f} mongod)"
