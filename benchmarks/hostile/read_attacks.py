"""Attacks that read or mark heavy records, and the burst of many students."""

from __future__ import annotations

import asyncio

from benchmarks.hostile.attack import (
    JUST_BELOW_READ_RATE,
    Attack,
    Run,
    Target,
    call,
    flood_in_rotation,
)
from benchmarks.hostile.bodies import HEAVY_COURSE_ID, HEAVY_VIDEOS, heavy_video_id
from benchmarks.hostile.http_client import Pool, get, send_json
from benchmarks.learners import video_id

BURST_CALLS_EACH, BURST_VIDEOS = 5, 500
BURST_TIMEOUT_SECONDS = 40.0


def calls_over_heavy_records(kind: str) -> Attack:
    """One kind of call over heavy records, just below the rate limit."""

    def attack(target: Target) -> Run:
        requests = _heavy_calls(kind, target.token("heavy"))
        return flood_in_rotation(target, requests, rate=JUST_BELOW_READ_RATE)

    return attack


def _heavy_calls(kind: str, token: str) -> list[bytes]:
    ids = [heavy_video_id(number) for number in range(HEAVY_VIDEOS)]
    match kind:
        case "course":
            return [get(f"/api/progress/course/{HEAVY_COURSE_ID}", token)]
        case "changes" | "continue-watching":
            return [get(f"/api/progress/{kind}", token)]
        case "resume":
            return [get(f"/api/progress/video/{one}/resume", token) for one in ids]
        case "batch":
            return [send_json("POST", "/api/progress/videos/batch", token, {"video_ids": ids})]
        case _:
            paths = [f"/api/progress/material/{one}/complete" for one in ids]
            return [send_json("POST", path, token, b"") for path in paths]


def burst(target: Target) -> Run:
    """A thousand simultaneous batches of 500 videos, by 200 polite students."""
    body = {"video_ids": [video_id(number) for number in range(BURST_VIDEOS)]}
    requests = [
        send_json("POST", "/api/progress/videos/batch", token, body)
        for _ in range(BURST_CALLS_EACH)
        for token in target.tokens["polite"]
    ]

    async def run() -> None:
        pool = Pool(target.port, max_connections=len(requests))
        calls = (call(target, pool, one, timeout_seconds=BURST_TIMEOUT_SECONDS) for one in requests)
        await asyncio.gather(*calls)
        pool.close()

    return run
