"""Connections to receivers: to addresses that were checked after the name was looked up.

Each connection looks the name up once, checks all its addresses, and connects to one of them. A
name that changes its addresses in between therefore gains nothing. TLS and the `Host` header use
the name.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

import httpcore

from progress_service.webhooks.addresses import AddressPolicy, IPAddress, parse_address
from progress_service.webhooks.resolver import NameNotResolvedError, Resolver

ADDRESS_SECONDS = 3.0  # For each address of a name, so that one without a route leaves time.
MAX_ADDRESSES = 4
IDLE_SECONDS = 5.0  # An idle connection is closed before most receivers close it.


class AddressRefusedError(httpcore.ConnectError):
    """The name leads to an address that the policy does not permit."""


class NotResolvedError(httpcore.ConnectError):
    """The name has no address."""


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to permitted addresses only."""

    def __init__(self, resolver: Resolver, policy: AddressPolicy, *, scheme: str) -> None:
        self._resolver = resolver
        self._policy = policy
        self._scheme = scheme
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of *host*.

        Raises:
            AddressRefusedError: one of them is not permitted.
            NotResolvedError: there is none.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of them accepts the connection.
        """
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in await self._permitted(host):
            try:
                return await self._network.connect_tcp(
                    str(address),
                    port,
                    timeout=min(timeout or ADDRESS_SECONDS, ADDRESS_SECONDS),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    async def _permitted(self, host: str) -> list[IPAddress]:
        literal = parse_address(host)
        try:
            found = [literal] if literal else await self._resolver.addresses(host)
        except NameNotResolvedError as error:
            raise NotResolvedError(str(error)) from error
        if not all(self._policy.permits(address, scheme=self._scheme) for address in found):
            raise AddressRefusedError("not permitted")
        return found[:MAX_ADDRESSES]

    async def sleep(self, seconds: float) -> None:
        """Part of the interface; the pool sleeps between retries, of which there are none."""
        await asyncio.sleep(seconds)


def new_pool(
    backend: CheckedBackend, *, max_connections: int, tls: ssl.SSLContext
) -> httpcore.AsyncConnectionPool:
    """A pool of connections. It knows no proxy, and follows no redirect."""
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=max_connections,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=backend,
    )
