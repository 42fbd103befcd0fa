"""The table of metrics in docs/operations.md is complete, and `/metrics` has what it names."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.builders import a_body, a_webhook_body
from tests.metric_samples import families_of
from tests.prometheus import run_promtool

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
ROW = re.compile(r"^\| `(progress_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)
COUNTERS_WITHOUT_EVENT = {"progress_database_errors_total"}
READ_SECONDS = 20.0
FIRST_ATTEMPT = "progress_outbox_attempts_total"


class Described(NamedTuple):
    """A metric: its type, and its labels."""

    type: str
    labels: frozenset[str]


def documented() -> dict[str, Described]:
    found = {}
    for name, kind, labels in ROW.findall(OPERATIONS.read_text()):
        # A label may be followed by a colon and its values; then a semicolon ends it.
        parts = labels.split(";" if ":" in labels else ",")
        names = {match[1] for part in parts if (match := re.match(r"`(\w+)`", part.strip()))}
        found[name] = Described(kind, frozenset(names))
    return found


def exposed(text: str) -> dict[str, Described]:
    found = {}
    for family in families_of(text):
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if family.samples:
            found[name] = Described(family.type, frozenset(labels))
    return found


@pytest.mark.settings(
    jwt_algorithms=("HS256", "RS256"), jwt_jwks_url="http://127.0.0.1:9/jwks.json"
)
async def test_table_of_metrics_is_what_the_service_has(
    anyone: httpx.AsyncClient, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: object
):
    webhook = a_webhook_body(url="https://receiver.invalid/hooks")
    (await service.put("/api/webhooks/hook", json=webhook)).raise_for_status()
    report = "/api/progress/video/intro/watch-time"
    (await ana.post(report, json=a_body(watch_time=590))).raise_for_status()

    text = await complete_text(anyone)

    expected = {
        name: described
        for name, described in documented().items()
        if name not in COUNTERS_WITHOUT_EVENT
    }
    assert exposed(text) == expected
    checked = run_promtool("check", "metrics", given=text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


async def complete_text(anyone: httpx.AsyncClient) -> str:
    """The metrics, once an event was tried and the change streams are open."""
    async with asyncio.timeout(READ_SECONDS):
        while True:
            text = (await anyone.get("/metrics")).text
            if {FIRST_ATTEMPT, "progress_change_stream_connected"} <= exposed(text).keys():
                return text
            await asyncio.sleep(0.05)
