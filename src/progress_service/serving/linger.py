"""Closes a connection whose peer may still be sending.

A socket that is closed with unread bytes is reset, and the peer may lose what it has not yet read.
So the server reads on for a moment, and discards what it reads.
"""

from __future__ import annotations

import asyncio

LINGER_SECONDS = 2.0
LINGER_BYTES = 1_048_576


def write_and_close(transport: asyncio.Transport, last: bytes) -> asyncio.TimerHandle:
    """Write *last* and the end of the stream; close when the peer does, or at the timer."""
    transport.write(last)
    transport.write_eof()
    transport.set_protocol(_Discarding(transport))
    transport.resume_reading()
    return asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.close)


class _Discarding(asyncio.Protocol):
    """Replaces a protocol, which only gets the end of the connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._owner = transport.get_protocol()
        self._received_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Count and discard."""
        self._received_bytes += len(data)
        if self._received_bytes > LINGER_BYTES:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._owner.connection_lost(exc)
