"""Sends requests to receivers, each in a bounded time, and reads little of the responses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from types import TracebackType
from typing import Self

import httpcore
import httpx

from progress_service.domain.webhooks import MAX_WEBHOOKS
from progress_service.observability.tracing import trace_headers
from progress_service.webhooks.addresses import AddressPolicy, Target
from progress_service.webhooks.connections import (
    AddressRefusedError,
    CheckedBackend,
    NotResolvedError,
    new_pool,
)
from progress_service.webhooks.resolver import Resolver

REQUEST_SECONDS = 10.0  # Name, connection, TLS, request and the head of the response.
BODY_SECONDS = 1.0
SPARE_SECONDS = 0.25
MAX_BODY_BYTES = 4_096  # Of a response; only so that its connection can be used again.
USER_AGENT = f"progress-service/{version('progress-service')}"
MAX_CONCURRENT = 8  # Requests to one receiver.

_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
_DETAILS: tuple[tuple[type[Exception], str], ...] = (
    (
        AddressRefusedError,
        "the host leads to an address that is not permitted: private, local or reserved",
    ),
    (NotResolvedError, "the host name has no address"),
    (ssl.SSLError, "the TLS certificate was not accepted, or TLS failed"),
    (TimeoutError, f"no response within {REQUEST_SECONDS:g} s"),
    (httpcore.TimeoutException, "no connection in time"),
    (httpcore.ConnectError, "the receiver does not accept connections"),
    (httpcore.ProtocolError, "the response is not valid HTTP/1.1"),
    (httpcore.NetworkError, "the connection ended before the response"),
)


@dataclass(frozen=True, slots=True)
class Response:
    """The head of a response."""

    status: int
    retry_after: str | None = None


class SendError(Exception):
    """There was no response; the message says why, without address and content."""


class WebhookSender:
    """Sends while entered. All receivers together have a bounded number of connections."""

    def __init__(
        self,
        resolver: Resolver,
        policy: AddressPolicy,
        *,
        tls: ssl.SSLContext | None = None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        """
        Args:
            resolver: looks up the names of receivers.
            policy: which addresses are permitted.
            tls: whose certificates are trusted; ``None``: the usual authorities, or those that
                SSL_CERT_FILE names.
            request_seconds: how long a request may take.
        """
        self._request_seconds = request_seconds
        # Enough for every receiver, so that slow ones take no connection from the others.
        self._pools = {
            scheme: new_pool(
                CheckedBackend(resolver, policy, scheme=scheme),
                max_connections=MAX_WEBHOOKS * MAX_CONCURRENT,
                tls=tls or _default_tls(),
            )
            for scheme in ("https", "http")
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    async def post(self, target: Target, body: str, headers: Mapping[str, str]) -> Response:
        """Send *body* as JSON.

        Raises:
            SendError: there is no response in time.
        """
        try:
            async with asyncio.timeout(self._request_seconds) as limit:
                return await self._post(target, body, headers, limit)
        except (TimeoutError, OSError, httpcore.TimeoutException, *_BROKEN) as error:
            raise SendError(_detail_of(error)) from error

    async def _post(
        self, target: Target, body: str, headers: Mapping[str, str], limit: asyncio.Timeout
    ) -> Response:
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        sent = {
            "Host": target.authority,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Accept": "*/*",
            **headers,
            **trace_headers(),
        }
        pool = self._pools[target.scheme]
        async with pool.stream(
            "POST", url, headers=[*sent.items()], content=body.encode()
        ) as response:
            await _drain(response, limit)
            return Response(response.status, _header(response, b"retry-after"))


@cache
def _default_tls() -> ssl.SSLContext:
    """Made once: reading the certificates of all authorities takes a while."""
    return httpx.create_ssl_context()


async def _drain(response: httpcore.Response, limit: asyncio.Timeout) -> None:
    """Read the rest of a short response, so that its connection can be used again.

    It ends before *limit*: the outcome is known by the status, also if the rest never arrives.
    """
    ends_at = (limit.when() or 0.0) - SPARE_SECONDS
    now = asyncio.get_running_loop().time()
    size = 0
    with suppress(TimeoutError, httpcore.TimeoutException, *_BROKEN):
        async with (
            asyncio.timeout_at(min(ends_at, now + BODY_SECONDS)),
            aclosing(_chunks(response)) as chunks,
        ):
            async for chunk in chunks:
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    return


async def _chunks(response: httpcore.Response) -> AsyncGenerator[bytes, None]:
    async for chunk in response.aiter_stream():
        yield chunk


def _header(response: httpcore.Response, name: bytes) -> str | None:
    found = (value for key, value in response.headers if key.lower() == name)
    return next((value.decode("latin-1") for value in found), None)


def _detail_of(error: Exception) -> str:
    """What went wrong, by the class of *error* or of its cause."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for kind, detail in _DETAILS:
        if any(isinstance(one, kind) for one in causes):
            return detail
    return "the receiver does not accept connections"
