"""A server that reads and discards, to measure the cost of the load generator itself.

``python -m benchmarks.hostile.sink PORT`` responds to single requests and WebSocket handshakes, and
discards everything else.
"""

from __future__ import annotations

import asyncio
import resource
import sys

import uvloop

from benchmarks.processes import OPEN_FILES
from benchmarks.wire import frame

MAX_HEAD_BYTES = 65_536
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
_SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_TEXT = 0x1


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._head = b""
        self._body_bytes_left = 0
        self._is_ready_due = False
        self._discards = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to a complete request; discard the rest."""
        if self._discards:
            if self._is_ready_due:
                self._is_ready_due = False
                self._transport.write(frame(_TEXT, b'{"type":"ready"}'))
            return
        if not self._body_bytes_left:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                self._discards = len(self._head) > MAX_HEAD_BYTES
                return
            self._head = b""
            if self._is_switched(head.lower()):
                return
        self._body_bytes_left -= len(data)
        if self._body_bytes_left <= 0:
            self._discards = self._body_bytes_left < 0  # Pipelined: parsing would use a whole core.
            self._body_bytes_left = 0
            self._transport.write(_OK)

    def _is_switched(self, head: bytes) -> bool:
        if b"\r\nupgrade: websocket" in head:
            self._discards = self._is_ready_due = True
            self._transport.write(_SWITCH)
            return True
        length = head.partition(b"\r\ncontent-length:")[2].split(maxsplit=1)
        self._body_bytes_left = int(length[0]) if length else 0
        return False


async def main() -> None:
    """Serve until the parent stops the process."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    server = await asyncio.get_running_loop().create_server(
        Sink, "127.0.0.1", int(sys.argv[1]), backlog=2_048
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
