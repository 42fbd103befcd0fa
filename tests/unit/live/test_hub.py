"""Who listens, what still has to be said, and the clock that closes and keeps alive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from progress_service.errors import TooOften
from progress_service.live import hub as hub_module
from progress_service.live.hub import Hub, Socket
from progress_service.observability import Metrics


class Peer:
    """The other end of a socket: reads at once, or not before it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.close_codes: list[int] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def take(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "websocket.send":
            self.heard.append(message["text"])
        else:
            self.close_codes.append(message["code"])

    @property
    def types(self) -> list[str]:
        return [json.loads(text)["type"] for text in self.heard]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def hub(metrics: Metrics) -> Hub:
    return Hub(metrics)


def a_socket(peer: Peer, student_id: str = "ana", *, expires_at: float = 1e12) -> Socket:
    return Socket(peer.take, student_id=student_id, device_id=None, expires_at=expires_at)


async def soon(claim: Callable[[], bool]) -> None:
    """Return when *claim* holds."""
    async with asyncio.timeout(5):
        while not claim():
            await asyncio.sleep(0.001)


def counted(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name) or 0.0


# -- one socket --------------------------------------------------------------------------------


async def test_what_is_pushed_is_said():
    peer = Peer()
    socket = a_socket(peer)
    socket.begin()

    socket.push("a", "1")
    socket.push("b", "2")

    await soon(lambda: peer.heard == ["1", "2"])


async def test_before_it_is_ready_a_socket_keeps_the_newest_of_each():
    peer = Peer()
    socket = a_socket(peer)
    for key, text in (("a", "1"), ("b", "2"), ("a", "3")):
        socket.push(key, text)
    await asyncio.sleep(0.01)
    assert peer.heard == []

    socket.begin()

    await soon(lambda: peer.heard == ["2", "3"])


async def test_a_reader_that_stopped_hears_the_newest_of_each_and_not_all():
    peer = Peer()
    socket = a_socket(peer)
    socket.begin()
    peer.reads.clear()
    for n in range(10_000):
        socket.push(f"video-{n % 3}", str(n))
        if n == 0:
            await asyncio.sleep(0.01)  # the first is under way

    peer.reads.set()

    await soon(lambda: peer.heard == ["0", "9997", "9998", "9999"])


async def test_too_much_for_a_reader_that_stopped_makes_it_start_over():
    peer = Peer()
    socket = a_socket(peer)
    for n in range(hub_module.MAX_PENDING + 1):
        socket.push(f"video-{n}", str(n))

    socket.begin()

    await soon(lambda: len(peer.heard) == 1)
    assert peer.types == ["resync"]


async def test_as_much_as_fits_is_kept():
    peer = Peer()
    socket = a_socket(peer)
    for n in range(hub_module.MAX_PENDING):
        socket.push(f"video-{n}", str(n))

    socket.begin()

    await soon(lambda: len(peer.heard) == hub_module.MAX_PENDING)
    assert peer.heard[0] == "0"


async def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub_module, "SEND_SECONDS", 0.02)
    peer = Peer()
    socket = a_socket(peer)
    socket.begin()
    peer.reads.clear()

    socket.push("a", "1")

    await soon(lambda: not socket.is_open)


async def test_closing_twice_says_it_once():
    peer = Peer()
    socket = a_socket(peer)

    await socket.close(4401)
    await socket.close(4408)

    assert peer.close_codes == [4401]


# -- many --------------------------------------------------------------------------------------


def test_the_eleventh_of_a_student_is_too_many(hub: Hub, metrics: Metrics):
    for _ in range(10):
        hub.join(a_socket(Peer()))

    with pytest.raises(TooOften):
        hub.join(a_socket(Peer()))
    hub.join(a_socket(Peer(), "ben"))

    assert counted(metrics, "progress_sockets") == 11


def test_who_leaves_makes_room(hub: Hub, metrics: Metrics):
    sockets = [a_socket(Peer()) for _ in range(10)]
    for socket in sockets:
        hub.join(socket)

    hub.leave(sockets[0])
    hub.leave(sockets[0])
    hub.leave(a_socket(Peer(), "nobody"))
    hub.join(a_socket(Peer()))

    assert counted(metrics, "progress_sockets") == 10


def test_nobody_is_remembered_who_left(hub: Hub):
    socket = a_socket(Peer())
    hub.join(socket)

    hub.leave(socket)

    assert (hub.students(), hub.of("ana")) == ([], [])


async def test_a_resync_reaches_everybody_and_is_counted(hub: Hub, metrics: Metrics):
    peers = [Peer(), Peer()]
    for name, peer in zip(("ana", "ben"), peers, strict=True):
        socket = a_socket(peer, name)
        hub.join(socket)
        socket.begin()

    hub.resync()

    await soon(lambda: [peer.types for peer in peers] == [["resync"], ["resync"]])
    assert counted(metrics, "progress_resyncs_total") == 1


# -- the sweep ---------------------------------------------------------------------------------


class Clocks:
    """Wall and steady time, which stand still until they are told otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 1_000.0, 5_000.0
        monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 0.001)
        stopped = SimpleNamespace(monotonic=lambda: self.steady)
        monkeypatch.setattr(hub_module, "time", stopped)  # the loop keeps its own


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.fixture
async def swept(hub: Hub, clocks: Clocks):
    """The hub, swept all the time."""
    task = asyncio.create_task(hub.sweep(lambda: clocks.wall))
    yield hub
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_after_25_seconds_of_silence_a_heartbeat_comes(swept: Hub, clocks: Clocks):
    peer = Peer()
    socket = a_socket(peer)
    swept.join(socket)
    socket.begin()

    clocks.steady += 24.9
    await asyncio.sleep(0.02)
    assert peer.heard == []
    clocks.steady += 0.1
    await soon(lambda: peer.types == ["heartbeat"])
    await asyncio.sleep(0.02)
    assert peer.types == ["heartbeat"]
    clocks.steady += 25
    await soon(lambda: peer.types == ["heartbeat", "heartbeat"])


async def test_who_heard_something_needs_no_heartbeat(swept: Hub, clocks: Clocks):
    peer = Peer()
    socket = a_socket(peer)
    swept.join(socket)
    socket.begin()
    clocks.steady += 20
    socket.push("a", '{"type": "progress"}')
    await soon(lambda: len(peer.heard) == 1)

    clocks.steady += 20
    await asyncio.sleep(0.02)

    assert peer.types == ["progress"]


async def test_a_socket_that_is_still_catching_up_gets_no_heartbeat(swept: Hub, clocks: Clocks):
    peer = Peer()
    swept.join(a_socket(peer))

    clocks.steady += 100
    await asyncio.sleep(0.02)

    assert peer.heard == []


async def test_a_token_ends_with_its_second(swept: Hub, clocks: Clocks):
    peer = Peer()
    swept.join(a_socket(peer, expires_at=1_060))

    clocks.wall = 1_059.9
    await asyncio.sleep(0.02)
    assert peer.close_codes == []
    clocks.wall = 1_060

    await soon(lambda: peer.close_codes == [4401])


async def test_a_stuck_reader_whose_token_ended_holds_nobody_up(
    swept: Hub, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
):
    stuck, other = Peer(), Peer()
    stuck.reads.clear()
    swept.join(a_socket(stuck, expires_at=1_060))
    swept.join(a_socket(other, expires_at=1_061))
    clocks.wall = 1_060
    await asyncio.sleep(0.02)

    clocks.wall = 1_061

    await soon(lambda: other.close_codes == [4401])
