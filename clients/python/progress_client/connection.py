"""What the synchronous and the asynchronous client have in common: an address and a token."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import httpx

from .client import TIMEOUT, AuthenticatedClient
from .errors import problem_error
from .models.problem import Problem
from .retries import MAX_RETRY_WAIT_SECONDS, RETRIES
from .types import Response

Result = TypeVar("Result")
AnyConnection = TypeVar("AnyConnection", bound="Connection")


class Connection:
    """Where the service is, and with which token to call it."""

    client: AuthenticatedClient
    """What the functions of `progress_client.api` take as `client`."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str],
        timeout: httpx.Timeout | float | None = TIMEOUT,
        retries: int = RETRIES,
        max_retry_wait_seconds: float = MAX_RETRY_WAIT_SECONDS,
        headers: dict[str, str] | None = None,
        verify_ssl: str | bool | ssl.SSLContext = True,
        httpx_args: dict[str, Any] | None = None,
    ) -> None:
        """
        Args:
            base_url: the address of the service.
            token: sent with every request; a function is called for each one, so that a renewed
                token takes effect at once.
            timeout: seconds to wait for a connection, and for each part of a response.
            retries: how often a request is repeated after 429 or 503.
            max_retry_wait_seconds: a longer `Retry-After` is left to the caller.
            headers: more headers of every request.
            verify_ssl: whether to verify certificates, or how.
            httpx_args: more arguments of `httpx.Client` and `httpx.AsyncClient`.
        """
        renewed = {"auth": _RenewedToken(token)} if callable(token) else {}
        self.client = AuthenticatedClient(
            base_url,
            token="" if callable(token) else token,
            timeout=timeout,
            retries=retries,
            max_retry_wait_seconds=max_retry_wait_seconds,
            headers=headers or {},
            verify_ssl=verify_ssl,
            httpx_args={**renewed, **(httpx_args or {})},
        )

    @classmethod
    def using(cls: type[AnyConnection], client: AuthenticatedClient) -> AnyConnection:
        """One that sends through *client*."""
        connection = cls.__new__(cls)
        connection.client = client
        return connection


def result_of(response: Response[Result | Problem]) -> Result:
    """The result of a call.

    Raises:
        ProblemError: the service rejected the request.
    """
    if isinstance(response.parsed, Problem):
        raise problem_error(response.parsed, headers=response.headers)
    return response.parsed  # type: ignore[return-value]  # None only for calls that return None


class _RenewedToken(httpx.Auth):
    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        yield request
