"""Two processes behind a load balancer are replaced one after the other, and no request is lost."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer
from tests.fleet import Fleet

RESTARTS = 2
CLIENTS = 8


class LoadBalancer:
    """Round robin over pooled connections; retries only when a connection is refused.

    A request that was sent and got no response is lost: it may have been stored, so a proxy
    returns 502.
    """

    def __init__(self, ports: list[int]) -> None:
        self._upstreams = [
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
            for port in ports
        ]
        self._turn = itertools.count()
        self.statuses: Counter[int] = Counter()
        self.errors: list[str] = []

    async def request(self, method: str, path: str, **given: object) -> None:
        first = next(self._turn)
        for offset in range(len(self._upstreams)):
            upstream = self._upstreams[(first + offset) % len(self._upstreams)]
            try:
                response = await upstream.request(method, path, **given)  # type: ignore[arg-type]
            except httpx.ConnectError:
                continue
            except httpx.TransportError as error:
                self.errors.append(repr(error))
                self.statuses[502] += 1
                return
            self.statuses[response.status_code] += 1
            return
        self.statuses[503] += 1

    async def aclose(self) -> None:
        for upstream in self._upstreams:
            await upstream.aclose()


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def fleet(request: pytest.FixtureRequest, tmp_path: Path, mongodb_uri: str) -> Iterator[Fleet]:
    with Fleet(tmp_path, mongodb_uri, workers=request.param) as fleet:
        yield fleet


@asynccontextmanager
async def traffic(balancer: LoadBalancer) -> AsyncIterator[None]:
    """Learners who report and read continuously, some of them over new connections."""
    stopped = asyncio.Event()

    async def learner(number: int) -> None:
        headers = bearer(a_token(f"learner-{number}"))
        headers |= {"Connection": "close"} if number % 4 == 0 else {}
        path = "/api/progress/video/rolling"
        while not stopped.is_set():
            await balancer.request("POST", f"{path}/watch-time", json=a_body(), headers=headers)
            await balancer.request("GET", f"{path}/status", headers=headers)
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(learner(number)) for number in range(CLIENTS)]
    try:
        yield
    finally:
        stopped.set()
        await asyncio.gather(*tasks)


async def test_rolling_restart_loses_no_request(fleet: Fleet):
    service = bearer(a_token("importer", "service"))
    course = f"{fleet.processes[0].address}/api/catalog/courses/rolling"
    async with httpx.AsyncClient(headers=service, timeout=30) as importer:
        body = a_course_body(a_material_body("rolling"))
        students = {"student_ids": [f"learner-{n}" for n in range(CLIENTS)]}
        (await importer.put(course, json=body)).raise_for_status()
        (await importer.put(f"{course}/enrollments", json=students)).raise_for_status()
    balancer = LoadBalancer(fleet.ports)

    async with traffic(balancer):
        for restart in range(RESTARTS):
            how = (signal.SIGTERM, signal.SIGINT)[restart]
            await asyncio.to_thread(fleet.replace, restart, how)
    await balancer.aclose()

    assert balancer.errors == []
    assert set(balancer.statuses) == {200}, balancer.statuses
    assert balancer.statuses[200] > 20 * RESTARTS
