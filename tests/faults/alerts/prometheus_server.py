"""Prometheus with the rules of `deploy/`, and what it says about alerts."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from progress_service.child_processes import ends_with_parent
from progress_service.testing import free_port, wait_until
from tests.prometheus import PROMETHEUS

from .rules import RULES

POLL_SECONDS = 1.0
START_SECONDS = 60.0


class Prometheus:
    """Queries over its HTTP API. All times are its own."""

    def __init__(self, port: int, *, interval_seconds: int) -> None:
        """*interval_seconds* is that of evaluations."""
        self._interval_seconds = interval_seconds
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)

    async def now(self) -> float:
        """Its clock, in seconds."""
        response = await self._http.get("/query", params={"query": "time()"})
        return float(response.raise_for_status().json()["data"]["result"][1])

    async def fired_at(self, alert: str, labels: Mapping[str, str], *, since: float) -> float:
        """When it first evaluated the alert as firing after *since*; waits for that.

        Polls its record of evaluations, so the time is that of an evaluation.
        """
        while True:
            if times := await self._firing_times(alert, labels, since=since):
                return times[0]
            await asyncio.sleep(POLL_SECONDS)

    async def cleared_at(self, alert: str, labels: Mapping[str, str], *, since: float) -> float:
        """When it first evaluated the alert as no longer firing, by its record of evaluations."""
        while True:
            is_firing = await self.firing(alert, labels)
            times = await self._firing_times(alert, labels, since=since)
            if not is_firing:
                return max(times, default=since) + self._interval_seconds
            await asyncio.sleep(POLL_SECONDS)

    async def firing(self, alert: str, labels: Mapping[str, str]) -> bool:
        """True if its list of alerts has it as firing now."""
        response = await self._http.get("/alerts")
        return any(
            one["state"] == "firing"
            and one["labels"]["alertname"] == alert
            and all(one["labels"].get(name, value) == value for name, value in labels.items())
            for one in response.raise_for_status().json()["data"]["alerts"]
        )

    async def all_firing(self) -> set[str]:
        """The names of all alerts that fire now."""
        response = await self._http.get("/alerts")
        alerts = response.raise_for_status().json()["data"]["alerts"]
        return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}

    async def metric(self, query: str) -> list[dict[str, Any]]:
        """The series of an instant query."""
        response = await self._http.get("/query", params={"query": query})
        found: list[dict[str, Any]] = response.raise_for_status().json()["data"]["result"]
        return found

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def _firing_times(
        self, alert: str, labels: Mapping[str, str], *, since: float
    ) -> list[float]:
        # Alerts about the whole job name no instance.
        own = {name: f"|{re.escape(value)}" for name, value in labels.items()}
        matchers = {"alertname": alert, "alertstate": "firing", **own}
        selector = ",".join(f"{name}=~{json.dumps(value)}" for name, value in matchers.items())
        found = await self.metric(f"ALERTS{{{selector}}}[1h]")
        # A stale marker ends a series that fires no more; the API leaves it out.
        return sorted(at for series in found for at, _ in series["values"] if at >= since)


@contextmanager
def prometheus_server(
    folder: Path, targets: Sequence[str], *, interval_seconds: int
) -> Iterator[int]:
    """Run it in *folder*, with *targets* like ``127.0.0.1:8000``; the value is its port."""
    port = free_port()
    own = f"127.0.0.1:{port}"
    interval = f"{interval_seconds}s"
    config = {
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,
            "evaluation_interval": interval,
        },
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": "progress-service", "static_configs": [{"targets": list(targets)}]}
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "prometheus.yaml"
    file.write_text(json.dumps(config))  # JSON is YAML.
    command = [
        str(PROMETHEUS),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={own}",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, preexec_fn=ends_with_parent(signal.SIGKILL)
        )
    try:
        wait_until(
            lambda: _is_ready(own) or process.poll() is not None,
            within_seconds=START_SECONDS,
            otherwise=(folder / "log").read_text,
        )
        yield port
    finally:
        process.kill()
        process.wait()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
