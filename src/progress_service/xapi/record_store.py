"""The learning record store: sends it statements over HTTP, and classifies its responses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, NamedTuple, Self

import httpx

from progress_service.observability.logging import get_logger
from progress_service.observability.tracing import trace_headers
from progress_service.xapi.statements import Statement
from progress_service.xapi.vocabulary import VERSION

REQUEST_SECONDS = 15.0  # For one request, however slowly its response arrives.
CONNECT_SECONDS = 5.0
MAX_RESPONSE_BYTES = 65_536  # It lists the ids of the statements; nothing of it is used.
log = get_logger("xapi")

Outcome = Literal["stored", "conflict", "invalid", "broken", "unavailable"]
_OUTCOMES: dict[int, Outcome] = {
    200: "stored",
    204: "stored",
    409: "conflict",
    400: "invalid",
    413: "invalid",
    422: "invalid",
    500: "broken",
}


class Response(NamedTuple):
    """How the store responded to some statements.

    ``conflict``: one of the ids is stored with another content. ``invalid``: it rejects at least
    one. ``broken``: it failed, perhaps because of one. ``unavailable``: it takes none at present.
    """

    outcome: Outcome
    status: int | None = None
    detail: str | None = None
    retry_after_seconds: float | None = None


class RecordStore:
    """A learning record store, with its credentials. Open it before the first request."""

    def __init__(self, endpoint: str, *, key: str | None, secret: str | None) -> None:
        """
        Args:
            endpoint: the address of its xAPI, to which ``/statements`` is added.
            key: user name of HTTP Basic; ``None``: no sign-in.
            secret: password.
        """
        self._url = f"{endpoint.rstrip('/')}/statements"
        self._client = httpx.AsyncClient(
            auth=httpx.BasicAuth(key, secret or "") if key is not None else None,
            headers={"X-Experience-API-Version": VERSION, "Content-Type": "application/json"},
            timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
        )
        self._failure: str | None = None

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def post(self, statements: Sequence[Statement]) -> Response:
        """Send *statements* in one request; it stores all of them or none."""
        response = await self._post(statements)
        self._note(response)
        return response

    async def _post(self, statements: Sequence[Statement]) -> Response:
        content = f"[{','.join(statement.body for statement in statements)}]".encode()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await self._exchange(content)
        except TimeoutError:
            return Response("unavailable", detail="no response in time")
        except httpx.HTTPError as error:
            return Response("unavailable", detail=type(error).__name__)

    async def _exchange(self, content: bytes) -> Response:
        async with self._client.stream(
            "POST", self._url, content=content, headers=trace_headers()
        ) as response:
            read_bytes = 0
            async for chunk in response.aiter_raw():  # to the end, so that the connection is reused
                read_bytes += len(chunk)
                if read_bytes > MAX_RESPONSE_BYTES:
                    break
            status = response.status_code
            return Response(
                _OUTCOMES.get(status, "unavailable"),
                status,
                None if status in (200, 204) else f"the store responded {status}",
                _seconds_in(response.headers.get("Retry-After")),
            )

    def _note(self, response: Response) -> None:
        """Log when the store becomes unavailable, and when it is available again."""
        is_available = response.outcome not in ("unavailable", "broken")
        failure = None if is_available else response.detail
        if failure == self._failure:
            return
        self._failure = failure
        if failure is None:
            log.info("xapi_store_available")
        else:
            log.warning("xapi_store_unavailable", status=response.status, cause=failure)


def _seconds_in(retry_after: str | None) -> float | None:
    """A number of seconds up to a day; dates are ignored."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return min(float(retry_after[:9]), 86_400.0)
