"""Several workers serve one port: each scrape gets the numbers of all, and no counter falls."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from progress_service.observability.shared_metrics import IN_MEMORY, PREFIX
from progress_service.testing import ServiceProcess, wait_until
from tests.builders import SECRET, a_token
from tests.metric_samples import (
    Samples,
    Series,
    counters_of,
    fallen,
    samples_of,
    scrape,
    series,
    value_of,
)
from tests.processes import run, worker_ids
from tests.prometheus import run_promtool

CLIENTS = 4
REQUESTS = 200  # Of each client.
SENT = CLIENTS * REQUESTS
SOCKETS = 8
COUNTED = {"method": "GET", "route": "/healthz", "status": "200"}
WAIT_SECONDS = 30.0


@pytest.fixture(scope="module", params=[2, 4], ids=["two workers", "four workers"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str
) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("workers")
    settings = {
        "PROGRESS_JWT_SECRET": SECRET,
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"workers_{uuid.uuid4().hex}",
        "PROGRESS_WORKERS": str(request.param),
    }
    prepared = run(folder, "prepare-db", settings=settings)
    assert prepared.returncode == 0, prepared.stderr
    service = ServiceProcess(folder / "service", ["serve"], settings=settings)
    service.start()
    try:
        service.wait_until_ready()
        wait_for_workers(service, request.param)
        values = folder_of(service)
        yield service
    finally:
        service.end()
    assert "Traceback" not in service.log
    assert not values.exists()


def folder_of(service: ServiceProcess) -> Path:
    """The folder with the values of its workers."""
    worker = worker_ids(service)[0]
    [folder] = (path for path in IN_MEMORY.glob(f"{PREFIX}*") if any(path.glob(f"*_{worker}.db")))
    return folder


def kill_one(service: ServiceProcess) -> None:
    """Kill a worker, and wait until another has taken its place."""
    workers = worker_ids(service)
    os.kill(workers[0], signal.SIGKILL)
    wait_until(
        lambda: workers[0] not in worker_ids(service),
        within_seconds=WAIT_SECONDS,
        otherwise=lambda: "the worker is still there",
    )
    wait_for_workers(service, len(workers))


def wait_for_workers(service: ServiceProcess, count: int) -> None:
    wait_until(
        lambda: (
            len(worker_ids(service)) == count
            and value_of(service.address, "progress_workers") == count
        ),
        within_seconds=WAIT_SECONDS,
        otherwise=lambda: service.log[-2_000:],
    )


def a_client(address: str) -> httpx.AsyncClient:
    """A client with connections of its own."""
    return httpx.AsyncClient(base_url=address, timeout=30, trust_env=False, verify=False)


class Scrapes:
    """Scrapes until stopped; holds what was wrong."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._last: Samples = {}
        self.count = 0
        self.fallen: list[Series] = []

    async def run(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            async with a_client(self._address) as client:
                try:
                    response = await client.get("/metrics")
                except httpx.TransportError:  # the worker was killed meanwhile
                    continue
            assert response.status_code == 200
            now = counters_of(response.text)
            self.fallen += fallen(self._last, now)
            self._last = now
            self.count += 1


async def load(address: str) -> int:
    """Send requests; return how many got a response."""
    received: Counter[object] = Counter()

    async def send() -> None:
        for _ in range(REQUESTS // 20):
            async with a_client(address) as client:
                for _ in range(20):
                    try:
                        received[(await client.get("/healthz")).status_code] += 1
                    except httpx.TransportError as error:  # its worker was killed
                        received[repr(error)] += 1

    await asyncio.gather(*(send() for _ in range(CLIENTS)))
    return received[200]


async def load_and_scrape(service: ServiceProcess, *, kill: bool = False) -> int:
    """Return the number of responses, after requests during which no scrape saw a counter fall."""
    scrapes, stopped = Scrapes(service.address), asyncio.Event()
    scraping = asyncio.create_task(scrapes.run(stopped))
    loading = asyncio.create_task(load(service.address))
    if kill:
        while scrapes.count < 5:  # in the middle of it
            await asyncio.sleep(0.01)
        os.kill(worker_ids(service)[0], signal.SIGKILL)
    received = await loading
    stopped.set()
    await scraping
    assert scrapes.fallen == []
    assert scrapes.count > 5
    return received


def counted(service: ServiceProcess) -> float:
    return value_of(service.address, "progress_http_requests_total", **COUNTED) or 0.0


def wait_until_counted(service: ServiceProcess, expected: float) -> None:
    """A request is counted just after its response."""
    wait_until(
        lambda: counted(service) >= expected,
        within_seconds=WAIT_SECONDS,
        otherwise=lambda: f"{counted(service)} of {expected}",
    )
    assert counted(service) == expected


async def test_every_request_is_counted_once_while_workers_are_killed(service: ServiceProcess):
    before = counted(service)

    assert await load_and_scrape(service) == SENT
    wait_until_counted(service, before + SENT)

    kill_one(service)  # no request is in flight
    assert counted(service) == before + SENT

    assert await load_and_scrape(service) == SENT
    wait_until_counted(service, before + 2 * SENT)


async def test_killed_worker_loses_at_most_what_it_was_serving(service: ServiceProcess):
    before = counted(service)
    workers = len(worker_ids(service))

    received = await load_and_scrape(service, kill=True)

    wait_for_workers(service, workers)
    # A request is counted just after its response, which may have arrived.
    assert before + received - CLIENTS <= counted(service) <= before + SENT
    assert SENT - received <= CLIENTS


async def test_files_of_ended_workers_do_not_pile_up(service: ServiceProcess):
    folder = folder_of(service)
    for _ in range(2):
        kill_one(service)

    owners = {path.stem.rpartition("_")[2] for path in folder.glob("*.db")}

    assert owners == {"ended", *map(str, worker_ids(service))}


async def opened_socket(service: ServiceProcess, number: int) -> ClientConnection:
    socket = await connect(f"ws://127.0.0.1:{service.port}/progress")
    await socket.send(f'{{"type": "auth", "token": "{a_token(f"learner-{number}")}"}}')
    await socket.recv()  # the ready frame: the socket counts
    return socket


async def is_closed(socket: ClientConnection) -> bool:
    try:
        async with asyncio.timeout(0.5):
            await socket.recv()
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True
    return False


async def test_sockets_of_a_killed_worker_no_longer_count(service: ServiceProcess):
    async with AsyncExitStack() as stack:
        sockets = [await opened_socket(service, number) for number in range(SOCKETS)]
        for socket in sockets:
            stack.push_async_callback(socket.close)
        assert value_of(service.address, "progress_sockets") == SOCKETS

        kill_one(service)

        closed = sum(await asyncio.gather(*map(is_closed, sockets)))
        assert value_of(service.address, "progress_sockets") == SOCKETS - closed


async def test_exposition_of_workers_passes_the_checks_of_prometheus(service: ServiceProcess):
    await load(service.address)
    text = scrape(service.address)

    checked = run_promtool("check", "metrics", given=text)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert samples_of(text)[series("progress_database_writable")] == 1
    assert samples_of(text)[series("progress_change_stream_connected")] == 1
