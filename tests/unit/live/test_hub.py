"""Open sockets, their pending frames, and the sweep that sends heartbeats and closes sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from progress_service.errors import RateLimited
from progress_service.live import hub as hub_module
from progress_service.live.hub import Hub, Socket
from progress_service.observability.metrics import Metrics


class Peer:
    """The client of a socket; it reads only while `reads` is set."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.close_codes: list[int] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def receive(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "websocket.send":
            self.received.append(message["text"])
        else:
            self.close_codes.append(message["code"])

    @property
    def types(self) -> list[str]:
        return [json.loads(text)["type"] for text in self.received]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def hub(metrics: Metrics) -> Hub:
    return Hub(metrics)


def a_socket(peer: Peer, student_id: str = "ana", *, expires_at: float = 1e12) -> Socket:
    return Socket(peer.receive, student_id=student_id, device_id=None, expires_at=expires_at)


async def eventually(condition: Callable[[], bool]) -> None:
    """Return when *condition* holds."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


def counted(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name) or 0.0


# -- one socket --------------------------------------------------------------------------------


async def test_pushed_frames_are_sent():
    peer = Peer()
    socket = a_socket(peer)
    socket.start()

    socket.push("a", "1")
    socket.push("b", "2")

    await eventually(lambda: peer.received == ["1", "2"])


async def test_socket_before_its_start_keeps_the_newest_frame_of_each_key():
    peer = Peer()
    socket = a_socket(peer)
    for key, text in (("a", "1"), ("b", "2"), ("a", "3")):
        socket.push(key, text)
    await asyncio.sleep(0.01)
    assert peer.received == []

    socket.start()

    await eventually(lambda: peer.received == ["2", "3"])


async def test_slow_reader_gets_only_the_newest_frame_of_each_key():
    peer = Peer()
    socket = a_socket(peer)
    socket.start()
    peer.reads.clear()
    for n in range(10_000):
        socket.push(f"video-{n % 3}", str(n))
        if n == 0:
            await asyncio.sleep(0.01)  # the first is being sent

    peer.reads.set()

    await eventually(lambda: peer.received == ["0", "9997", "9998", "9999"])


async def test_pending_frames_above_the_limit_become_a_resync():
    peer = Peer()
    socket = a_socket(peer)
    for n in range(hub_module.MAX_PENDING + 1):
        socket.push(f"video-{n}", str(n))

    socket.start()

    await eventually(lambda: len(peer.received) == 1)
    assert peer.types == ["resync"]


async def test_pending_frames_up_to_the_limit_are_sent():
    peer = Peer()
    socket = a_socket(peer)
    for n in range(hub_module.MAX_PENDING):
        socket.push(f"video-{n}", str(n))

    socket.start()

    await eventually(lambda: len(peer.received) == hub_module.MAX_PENDING)
    assert peer.received[0] == "0"


async def test_socket_of_an_unresponsive_reader_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub_module, "SEND_SECONDS", 0.02)
    peer = Peer()
    socket = a_socket(peer)
    socket.start()
    peer.reads.clear()

    socket.push("a", "1")

    await eventually(lambda: not socket.is_open)


async def test_socket_closed_twice_sends_one_close_frame():
    peer = Peer()
    socket = a_socket(peer)

    await socket.close(4401)
    await socket.close(4408)

    assert peer.close_codes == [4401]


# -- the hub -----------------------------------------------------------------------------------


def test_eleventh_socket_of_a_student_is_rejected(hub: Hub, metrics: Metrics):
    for _ in range(10):
        hub.join(a_socket(Peer()))

    with pytest.raises(RateLimited):
        hub.join(a_socket(Peer()))
    hub.join(a_socket(Peer(), "ben"))

    assert counted(metrics, "progress_sockets") == 11


def test_socket_that_leaves_makes_room_for_another(hub: Hub, metrics: Metrics):
    sockets = [a_socket(Peer()) for _ in range(10)]
    for socket in sockets:
        hub.join(socket)

    hub.leave(sockets[0])
    hub.leave(sockets[0])
    hub.leave(a_socket(Peer(), "nobody"))
    hub.join(a_socket(Peer()))

    assert counted(metrics, "progress_sockets") == 10


def test_student_without_sockets_is_removed(hub: Hub):
    socket = a_socket(Peer())
    hub.join(socket)

    hub.leave(socket)

    assert (hub.students(), hub.sockets_of("ana")) == ([], [])


async def test_resync_reaches_every_socket_and_is_counted(hub: Hub, metrics: Metrics):
    peers = [Peer(), Peer()]
    for name, peer in zip(("ana", "ben"), peers, strict=True):
        socket = a_socket(peer, name)
        hub.join(socket)
        socket.start()

    hub.resync()

    await eventually(lambda: [peer.types for peer in peers] == [["resync"], ["resync"]])
    assert counted(metrics, "progress_resyncs_total") == 1


# -- the sweep ---------------------------------------------------------------------------------


class Clocks:
    """Wall and monotonic time that move only when a test advances them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.monotonic = 1_000.0, 5_000.0
        monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 0.001)
        stopped = SimpleNamespace(monotonic=lambda: self.monotonic)
        monkeypatch.setattr(hub_module, "time", stopped)  # the event loop uses the real one


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.fixture
async def swept(hub: Hub, clocks: Clocks):
    """The hub, swept continuously."""
    task = asyncio.create_task(hub.sweep(lambda: clocks.wall))
    yield hub
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_heartbeat_is_sent_after_25_idle_seconds(swept: Hub, clocks: Clocks):
    peer = Peer()
    socket = a_socket(peer)
    swept.join(socket)
    socket.start()

    clocks.monotonic += 24.9
    await asyncio.sleep(0.02)
    assert peer.received == []
    clocks.monotonic += 0.1
    await eventually(lambda: peer.types == ["heartbeat"])
    await asyncio.sleep(0.02)
    assert peer.types == ["heartbeat"]
    clocks.monotonic += 25
    await eventually(lambda: peer.types == ["heartbeat", "heartbeat"])


async def test_heartbeat_is_not_sent_after_another_frame(swept: Hub, clocks: Clocks):
    peer = Peer()
    socket = a_socket(peer)
    swept.join(socket)
    socket.start()
    clocks.monotonic += 20
    socket.push("a", '{"type": "progress"}')
    await eventually(lambda: len(peer.received) == 1)

    clocks.monotonic += 20
    await asyncio.sleep(0.02)

    assert peer.types == ["progress"]


async def test_heartbeat_is_not_sent_before_the_socket_starts(swept: Hub, clocks: Clocks):
    peer = Peer()
    swept.join(a_socket(peer))

    clocks.monotonic += 100
    await asyncio.sleep(0.02)

    assert peer.received == []


async def test_socket_is_closed_when_its_token_expires(swept: Hub, clocks: Clocks):
    peer = Peer()
    swept.join(a_socket(peer, expires_at=1_060))

    clocks.wall = 1_059.9
    await asyncio.sleep(0.02)
    assert peer.close_codes == []
    clocks.wall = 1_060

    await eventually(lambda: peer.close_codes == [4401])


async def test_unresponsive_reader_with_an_expired_token_delays_no_other(
    swept: Hub, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
):
    unresponsive, other = Peer(), Peer()
    unresponsive.reads.clear()
    swept.join(a_socket(unresponsive, expires_at=1_060))
    swept.join(a_socket(other, expires_at=1_061))
    clocks.wall = 1_060
    await asyncio.sleep(0.02)

    clocks.wall = 1_061

    await eventually(lambda: other.close_codes == [4401])
