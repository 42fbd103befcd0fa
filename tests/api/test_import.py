"""Imports over HTTP: rows in two formats, a result for each, and what the records then have."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.builders import at, wire
from tests.conftest import put_course

NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
PATH = "/api/progress/import"


def a_row(**given: Any) -> dict[str, Any]:
    """Ana at 125.5 of 600 seconds, an hour before noon."""
    row = {
        "student_id": "ana",
        "video_id": "intro",
        "watch_time": 125.5,
        "total_duration": 600,
        "observed_at": wire(at(hours=-1)),
        **given,
    }
    return {name: value for name, value in row.items() if value is not None}


def ndjson(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def send(
    service: httpx.AsyncClient, body: bytes, *, dry_run: bool = False, **headers: str
) -> list[dict[str, Any]]:
    """The results of an import."""
    query = {"dry_run": "true"} if dry_run else {}
    response = await service.post(PATH, content=body, params=query, headers={**NDJSON, **headers})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


async def status_of(student: httpx.AsyncClient, video_id: str = "intro") -> dict[str, Any]:
    response = await student.get(f"/api/progress/video/{video_id}/status")
    found: dict[str, Any] = response.json()
    return found


async def test_row_is_applied_and_a_repeat_changes_nothing(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: dict[str, Any]
):
    first = await send(service, ndjson(a_row()))
    second = await send(service, ndjson(a_row()))

    assert first == [{"row": 1, "status": "applied"}]
    assert second == [{"row": 1, "status": "unchanged"}]
    status = await status_of(ana)
    assert (status["watch_time"], status["last_watched"]) == (125.5, wire(at(hours=-1)))


async def test_dry_run_changes_nothing_and_returns_the_same(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: dict[str, Any]
):
    rows = ndjson(a_row(), a_row(), a_row(watch_time=300), a_row(video_id="nowhere"), {"x": 1})

    predicted = await send(service, rows, dry_run=True)
    before = await status_of(ana)
    real = await send(service, rows)

    assert predicted == real
    assert statuses(real) == ["applied", "unchanged", "applied", "rejected", "rejected"]
    assert before["last_watched"] is None
