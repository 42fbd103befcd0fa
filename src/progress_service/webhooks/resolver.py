"""Looks up host names, each in a thread of its own: a slow name server delays only its names."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from progress_service.webhooks.addresses import IPAddress

MAX_LOOKUPS = 100  # At once. A lookup cannot be cancelled, and some last half a minute.
_NO_NAME = ".invalid"  # RFC 6761: such a name never exists, and need not be looked up.

Lookup = Callable[[str], Sequence[str]]
"""A host name → its addresses; raises OSError or UnicodeError."""


class NameNotResolvedError(Exception):
    """The name has no address, or none was found in time."""


class Resolver:
    """Looks up names. Concurrent lookups of one name are one."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._running: dict[str, asyncio.Future[list[IPAddress]]] = {}

    async def addresses(self, host: str) -> list[IPAddress]:
        """The addresses of *host*, at least one, best first.

        Raises:
            NameNotResolvedError: there are none.
        """
        if host.endswith(_NO_NAME):
            raise NameNotResolvedError("a reserved name")
        running = self._running.get(host)
        if running is None:
            if len(self._running) >= MAX_LOOKUPS:
                raise NameNotResolvedError("too many names are being looked up")
            running = self._running[host] = self._start(host)
        # Shielded: a caller that gives up must not end the lookup of the others.
        return await asyncio.shield(running)

    def _start(self, host: str) -> asyncio.Future[list[IPAddress]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[IPAddress]] = loop.create_future()
        future.add_done_callback(_retrieve_error)

        def settle(outcome: list[IPAddress] | NameNotResolvedError) -> None:
            self._running.pop(host, None)
            if isinstance(outcome, NameNotResolvedError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        def run() -> None:
            outcome = self._outcome(host)
            with suppress(RuntimeError):  # The loop was closed in the meantime.
                loop.call_soon_threadsafe(settle, outcome)

        # Not in a pool: its threads would delay the end of the process.
        threading.Thread(target=run, name="webhook-lookup", daemon=True).start()
        return future

    def _outcome(self, host: str) -> list[IPAddress] | NameNotResolvedError:
        try:
            found = [ipaddress.ip_address(text.partition("%")[0]) for text in self._lookup(host)]
        except (OSError, UnicodeError, ValueError) as error:
            return NameNotResolvedError(type(error).__name__)
        return list(dict.fromkeys(found)) or NameNotResolvedError("no address")


def _system_lookup(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _retrieve_error(future: asyncio.Future[Any]) -> None:
    """Mark the error as seen: nobody may be waiting any more."""
    if not future.cancelled():
        future.exception()
