"""Where the service is, and how patient a client is with it."""

from __future__ import annotations

import ssl
import time
from typing import Any, TypeVar

import anyio
import httpx
from attrs import define, evolve, field

from .retries import MAX_RETRY_WAIT_SECONDS, RETRIES, wait_before_retry

TIMEOUT = httpx.Timeout(10.0)

AnyClient = TypeVar("AnyClient", bound="Client")


@define
class Client:
    """Calls without a token. Use it as a context manager, or keep one for the whole process.

    Args:
        base_url: the address of the service.
        cookies, headers: sent with every request.
        timeout: seconds to wait for a connection, and for each part of a response; 10 by default.
            A call raises `httpx.TimeoutException` when it is exceeded.
        retries: how often a call is repeated that was answered 429 or 503. The service merges
            repeated calls, so all of them may be repeated.
        max_retry_wait_seconds: a call is not repeated when `Retry-After` asks to wait longer.
        verify_ssl: whether to verify certificates, or how.
        follow_redirects: whether to follow redirects.
        httpx_args: more arguments of `httpx.Client` and `httpx.AsyncClient`.
        raise_on_unexpected_status: raise `UnexpectedStatus` for a status that is not documented;
            without it, such a call returns `None`.
    """

    raise_on_unexpected_status: bool = field(default=True, kw_only=True)
    _base_url: str = field(alias="base_url")
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies")
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers")
    _timeout: httpx.Timeout | float | None = field(
        default=TIMEOUT, kw_only=True, alias="timeout"
    )
    _retries: int = field(default=RETRIES, kw_only=True, alias="retries")
    _max_retry_wait_seconds: float = field(
        default=MAX_RETRY_WAIT_SECONDS, kw_only=True, alias="max_retry_wait_seconds"
    )
    _verify_ssl: str | bool | ssl.SSLContext = field(
        default=True, kw_only=True, alias="verify_ssl"
    )
    _follow_redirects: bool = field(
        default=False, kw_only=True, alias="follow_redirects"
    )
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args")
    _client: httpx.Client | None = field(default=None, init=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False)

    def request(self, **kwargs: Any) -> httpx.Response:
        """Send a request, again while it is answered 429 or 503, as `Retry-After` says."""
        attempt = 0
        while True:
            response = self.get_httpx_client().request(**kwargs)
            wait_seconds = self._wait_before_retry(response, attempt)
            if wait_seconds is None:
                return response
            time.sleep(wait_seconds)
            attempt += 1

    async def async_request(self, **kwargs: Any) -> httpx.Response:
        """Like `request`."""
        attempt = 0
        while True:
            response = await self.get_async_httpx_client().request(**kwargs)
            wait_seconds = self._wait_before_retry(response, attempt)
            if wait_seconds is None:
                return response
            await anyio.sleep(wait_seconds)
            attempt += 1

    def _wait_before_retry(
        self, response: httpx.Response, attempt: int
    ) -> float | None:
        return wait_before_retry(
            response,
            attempt,
            retries=self._retries,
            max_wait_seconds=self._max_retry_wait_seconds,
        )

    def with_headers(self: AnyClient, headers: dict[str, str]) -> AnyClient:
        """A client like this one with more headers."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self: AnyClient, cookies: dict[str, str]) -> AnyClient:
        """A client like this one with more cookies."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(
        self: AnyClient, timeout: httpx.Timeout | float | None
    ) -> AnyClient:
        """A client like this one with another time-out."""
        return evolve(self, timeout=timeout)

    def set_httpx_client(self: AnyClient, client: httpx.Client) -> AnyClient:
        """Send everything through *client*, whatever else was set here."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """The `httpx.Client` that sends, made at the first call."""
        if self._client is None:
            self._client = httpx.Client(**self._arguments())
        return self._client

    def __enter__(self: AnyClient) -> AnyClient:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.get_httpx_client().__exit__(*args)

    def set_async_httpx_client(
        self: AnyClient, async_client: httpx.AsyncClient
    ) -> AnyClient:
        """Like `set_httpx_client`."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Like `get_httpx_client`."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._arguments())
        return self._async_client

    async def __aenter__(self: AnyClient) -> AnyClient:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*args)

    def _arguments(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._all_headers(),
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def _all_headers(self) -> dict[str, str]:
        return self._headers


@define
class AuthenticatedClient(Client):
    """Calls with a token.

    Args:
        token: sent with every request.
        prefix, auth_header_name: `Bearer` and `Authorization`, unless a proxy wants others.
    """

    token: str
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def _all_headers(self) -> dict[str, str]:
        token = f"{self.prefix} {self.token}" if self.prefix else self.token
        return {**self._headers, self.auth_header_name: token}
