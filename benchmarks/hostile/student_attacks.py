"""Attacks with a student's token, all within the published limits or refused by them."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import Any

from benchmarks.hostile.attack import Attack, Run, Target, call, flood
from benchmarks.hostile.bodies import (
    HEAVY_COURSE_ID,
    HEAVY_SPANS,
    HEAVY_VIDEOS,
    HOUR_SECONDS,
    MAX_EVENTS,
    SPANS_IN_REPORT,
    UNMEASURED_SECONDS,
    UNMEASURED_VIDEOS,
    Spans,
    batch_of_events,
    event,
    heavy_video_id,
    scattered_spans,
    sent_now,
    unmeasured_video_id,
)
from benchmarks.hostile.http_client import Pool, get, send_json
from benchmarks.learners import video_id

JUST_BELOW_READ_RATE = 49.0
WATCH_TIME_PERIOD_SECONDS = 1.05  # A little over the second that is allowed.
LARGE_BODY_BYTES = 1_048_000  # Just below the limit of a body.
UNKNOWN_KEYS = 100_000
BURST_CALLS_EACH, BURST_VIDEOS = 5, 500
BURST_PATIENCE_SECONDS = 40.0
MAX_CONNECTIONS = 1_024  # What no connection is free for is counted, and not sent.


def heavy_reports(target: Target) -> Run:
    """One small report to each of the heavy videos, about once a second."""
    token, videos = target.token("heavy"), range(HEAVY_VIDEOS)
    span = scattered_spans(1)
    requests = [_report(token, heavy_video_id(n), HOUR_SECONDS, span) for n in videos]
    return _flood(target, requests, rate=HEAVY_VIDEOS / WATCH_TIME_PERIOD_SECONDS)


def endless_reports(target: Target) -> Run:
    """Reports of 390 bytes to three videos of unknown length that hold 8 600 spans each."""
    token, videos = target.token("endless"), range(UNMEASURED_VIDEOS)
    spans = [[5_000.5 + 100 * i, 5_000.6 + 100 * i] for i in range(20)]
    requests = [_report(token, unmeasured_video_id(n), UNMEASURED_SECONDS, spans) for n in videos]
    return _flood(target, requests, rate=UNMEASURED_VIDEOS / WATCH_TIME_PERIOD_SECONDS)


def _report(token: str, video: str, duration_seconds: int, spans: Spans) -> bytes:
    body = {"watch_time": 42.5, "total_duration": duration_seconds, "played": spans}
    return send_json("POST", f"/api/progress/video/{video}/watch-time", token, body)


def many_events(target: Target) -> Run:
    """Batches of 500 plain events, just below the limit of calls."""
    videos = [heavy_video_id(number % HEAVY_VIDEOS) for number in range(MAX_EVENTS)]
    events = [event(video, position_seconds=100 + n) for n, video in enumerate(videos)]
    batch = batch_of_events(target.token("sender"), events)
    return lambda: flood(
        target,
        lambda _: sent_now(batch),
        rate=JUST_BELOW_READ_RATE,
        max_connections=MAX_CONNECTIONS,
    )


def large_events(target: Target) -> Run:
    """Batches of 1 MiB, 200 spans in each event, five a second."""
    batches = [batch_of_events(target.token("sender"), _large_batch(turn)) for turn in range(5)]
    return lambda: flood(
        target,
        lambda number: sent_now(batches[number % len(batches)]),
        rate=5.0,
        max_connections=MAX_CONNECTIONS,
    )


def _large_batch(turn: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    size_bytes = 100
    for number in count(turn):
        skip = number * SPANS_IN_REPORT % (HEAVY_SPANS - SPANS_IN_REPORT)
        spans = scattered_spans(SPANS_IN_REPORT, skip=skip)
        one = event(heavy_video_id(number % HEAVY_VIDEOS), played=spans)
        size_bytes += len(json.dumps(one)) + 2
        if size_bytes > LARGE_BODY_BYTES or len(events) == MAX_EVENTS:
            break
        events.append(one)
    return events


def small_batches(target: Target) -> Run:
    """A batch of 100 small events over heavy records, once a second: an outbox that drains."""
    span = scattered_spans(1)
    events = [event(heavy_video_id(n), played=span) for n in range(HEAVY_VIDEOS)]
    batch = batch_of_events(target.token("heavy"), events)
    return lambda: flood(
        target, lambda _: sent_now(batch), rate=1.0, max_connections=MAX_CONNECTIONS
    )


def calls_over_heavy_records(kind: str) -> Attack:
    """One kind of call over heavy records, just below the limit of calls."""

    def attack(target: Target) -> Run:
        requests = _heavy_calls(kind, target.token("heavy"))
        return _flood(target, requests, rate=JUST_BELOW_READ_RATE)

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


def invalid_reports(target: Target) -> Run:
    """Small reports that no validation accepts, 500 a second."""
    body = {"watch_time": -1, "total_duration": HOUR_SECONDS}
    return _flood(target, [_invalid(target, json.dumps(body))], rate=500.0)


def nonsense_bodies(target: Target) -> Run:
    """Bodies of 1 MiB that are an object of unknown keys, 50 a second."""
    body = json.dumps({f"k{number:05d}": 0 for number in range(UNKNOWN_KEYS)})
    padding = " " * (LARGE_BODY_BYTES - len(body))
    return _flood(target, [_invalid(target, padding + body)], rate=50.0)


def _invalid(target: Target, body: str) -> bytes:
    path = f"/api/progress/video/{heavy_video_id(0)}/watch-time"
    return send_json("POST", path, target.token("sender"), body.encode())


def burst(target: Target) -> Run:
    """A thousand batches of 500 videos at once, by 200 polite students."""
    body = {"video_ids": [video_id(number) for number in range(BURST_VIDEOS)]}
    requests = [
        send_json("POST", "/api/progress/videos/batch", token, body)
        for _ in range(BURST_CALLS_EACH)
        for token in target.tokens["polite"]
    ]

    async def run() -> None:
        pool = Pool(target.port, max_connections=len(requests))
        calls = (
            call(target, pool, one, timeout_seconds=BURST_PATIENCE_SECONDS) for one in requests
        )
        await asyncio.gather(*calls)
        pool.close()

    return run


def _flood(target: Target, requests: list[bytes], *, rate: float) -> Run:
    return lambda: flood(
        target,
        lambda number: requests[number % len(requests)],
        rate=rate,
        max_connections=MAX_CONNECTIONS,
    )
