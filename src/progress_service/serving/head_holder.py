"""Writes the head of a response together with the start of its body.

Two writes are two system calls and wake the client twice: a fifth of the cost of a short response.
"""

from __future__ import annotations

import asyncio
from typing import Any


class HeadHolder:
    """A transport that buffers the head of a final response until something follows it."""

    __slots__ = ("_head", "is_closing", "whole")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.whole = transport
        self.is_closing = transport.is_closing  # looked up at each request
        self._head = b""

    def write(self, some: bytes) -> None:
        """Write *some* after the buffered head; or buffer it when it is a head."""
        if self._head:
            self.whole.write(self._head + some)
            self._head = b""
        elif some.startswith(b"HTTP/1.1 ") and not some.startswith(b"HTTP/1.1 100"):
            self._head = some
        else:
            self.whole.write(some)

    def flush(self) -> None:
        """Write the buffered head, if there is one."""
        if self._head:
            self.whole.write(self._head)
            self._head = b""

    def close(self) -> None:
        """Write everything, then close."""
        self.flush()
        self.whole.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)
