"""Attacks with reports: valid ones within the documented limits, and invalid ones."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from benchmarks.hostile.attack import (
    JUST_BELOW_READ_RATE,
    Run,
    Target,
    flood,
    flood_in_rotation,
)
from benchmarks.hostile.bodies import (
    HEAVY_SESSIONS,
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
    session_and_device,
    unmeasured_video_id,
)
from benchmarks.hostile.http_client import send_json

WATCH_TIME_PERIOD_SECONDS = 1.05  # A little more than the limit of one a second requires.
LARGE_BODY_BYTES = 1_048_000  # Just below the size limit.
UNKNOWN_KEYS = 100_000


def heavy_reports(target: Target) -> Run:
    """One small report for each of the heavy videos, about once a second, in all sessions."""
    token, videos = target.token("heavy"), range(HEAVY_VIDEOS)
    span = scattered_spans(1)
    requests = [
        _report(token, heavy_video_id(n), HOUR_SECONDS, span, **session_and_device(number))
        for number in range(HEAVY_SESSIONS)
        for n in videos
    ]
    return flood_in_rotation(target, requests, rate=HEAVY_VIDEOS / WATCH_TIME_PERIOD_SECONDS)


def endless_reports(target: Target) -> Run:
    """Reports of about 390 bytes for three videos of unknown length with 8 600 spans each."""
    token, videos = target.token("endless"), range(UNMEASURED_VIDEOS)
    spans = [[5_000.5 + 100 * i, 5_000.6 + 100 * i] for i in range(18)]
    requests = [_report(token, unmeasured_video_id(n), UNMEASURED_SECONDS, spans) for n in videos]
    return flood_in_rotation(target, requests, rate=UNMEASURED_VIDEOS / WATCH_TIME_PERIOD_SECONDS)


def _report(token: str, video: str, duration_seconds: int, spans: Spans, **more: str) -> bytes:
    body = {"watch_time": 42.5, "total_duration": duration_seconds, "played": spans, **more}
    return send_json("POST", f"/api/progress/video/{video}/watch-time", token, body)


def many_events(target: Target) -> Run:
    """Batches of 500 plain events, just below the rate limit."""
    videos = [heavy_video_id(number % HEAVY_VIDEOS) for number in range(MAX_EVENTS)]
    events = [event(video, position_seconds=100 + n) for n, video in enumerate(videos)]
    batch = batch_of_events(target.token("sender"), events)
    return lambda: flood(target, lambda _: sent_now(batch), rate=JUST_BELOW_READ_RATE)


def large_events(target: Target) -> Run:
    """Batches of 1 MiB, 200 spans in each event, five a second."""
    batches = [batch_of_events(target.token("sender"), _large_batch(first)) for first in range(5)]
    return lambda: flood(target, lambda number: sent_now(batches[number % len(batches)]), rate=5.0)


def _large_batch(first: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    size_bytes = 100
    for number in count(first):
        skip = number * SPANS_IN_REPORT % (HEAVY_SPANS - SPANS_IN_REPORT)
        spans = scattered_spans(SPANS_IN_REPORT, skip=skip)
        one = event(heavy_video_id(number % HEAVY_VIDEOS), played=spans)
        size_bytes += len(json.dumps(one)) + 2
        if size_bytes > LARGE_BODY_BYTES or len(events) == MAX_EVENTS:
            break
        events.append(one)
    return events


def small_batches(target: Target) -> Run:
    """A batch of 100 small events over heavy records, once a second, as an outbox sends them."""
    span = scattered_spans(1)
    events = [
        event(heavy_video_id(n), played=span) | session_and_device(n) for n in range(HEAVY_VIDEOS)
    ]
    batch = batch_of_events(target.token("heavy"), events)
    return lambda: flood(target, lambda _: sent_now(batch), rate=1.0)


def invalid_reports(target: Target) -> Run:
    """Small reports that fail validation, 500 a second."""
    body = {"watch_time": -1, "total_duration": HOUR_SECONDS}
    return flood_in_rotation(target, [_invalid(target, json.dumps(body))], rate=500.0)


def unknown_keys(target: Target) -> Run:
    """Bodies of 1 MiB: an object with unknown keys, 50 a second."""
    unknown = {f"{number:x}": 0 for number in range(UNKNOWN_KEYS)}
    body = json.dumps(unknown, separators=(",", ":"))
    padding = " " * (LARGE_BODY_BYTES - len(body))
    return flood_in_rotation(target, [_invalid(target, padding + body)], rate=50.0)


def _invalid(target: Target, body: str) -> bytes:
    path = f"/api/progress/video/{heavy_video_id(0)}/watch-time"
    return send_json("POST", path, target.token("sender"), body.encode())
