"""The keys that verify tokens: a secret, a file, or a JWKS address."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import httpx
from jose.backends.base import Key

from progress_service.edge.key_documents import (
    PREPARE_ERRORS,
    KeysById,
    hmac_key,
    keys_of_file,
    keys_of_set,
)
from progress_service.errors import StartupError, Unavailable
from progress_service.observability.logging import get_logger
from progress_service.observability.tracing import client_span, trace_headers

HMAC = frozenset({"HS256", "HS384", "HS512"})
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: a key of the size of the hash output, or larger.
REFRESH_SECONDS = 300.0  # How long a fetched key set is used; so long a withdrawn key is valid.
RETRY_SECONDS = 10.0  # How soon an unknown key id, or a failed fetch, may fetch the set again.
FETCH_SECONDS = 3.0

log = get_logger("keys")

OnKeysWithdrawn = Callable[[Collection[Key]], None]
"""Called with the keys that a newly fetched set no longer holds."""
OnFetched = Callable[[bool], None]
"""Called after each attempt to fetch the set, with whether it succeeded."""


class KeySet:
    """One prepared key for each algorithm and key id; a token cannot choose anything else.

    Raises:
        StartupError: a weak secret, an unreadable file, or an algorithm without a key.
    """

    def __init__(
        self,
        *,
        algorithms: Sequence[str],
        secret: str | None = None,
        public_key: Path | None = None,
        jwks_url: str | None = None,
    ) -> None:
        self.algorithms = frozenset(algorithms)
        self.is_fetched = jwks_url is not None
        self.on_withdrawn: OnKeysWithdrawn | None = None
        self.on_fetched: OnFetched | None = None
        self._jwks_url = jwks_url
        self._created_at = time.monotonic()
        self._fetched_at = float("-inf")
        self._failed_at: float | None = None  # The last fetch failed; the present keys stay in use.
        self._fetch_task: asyncio.Task[None] | None = None
        self._by_id: KeysById = {}
        self._check(secret, public_key)
        if secret is not None:
            for algorithm in self.algorithms & HMAC:
                self._by_id[algorithm, None] = hmac_key(secret, algorithm)
        if public_key is not None:
            self._by_id.update(keys_of_file(public_key, self.algorithms & ASYMMETRIC))

    def _check(self, secret: str | None, public_key: Path | None) -> None:
        unknown = self.algorithms - HMAC - ASYMMETRIC
        if unknown or not self.algorithms:
            raise StartupError(
                f"PROGRESS_JWT_ALGORITHMS: {', '.join(sorted(unknown)) or 'an empty list'} is not "
                "allowed; use HS256…HS512, RS256…RS512 or ES256…ES512."
            )
        if self.algorithms & HMAC and len((secret or "").encode()) < MIN_SECRET_BYTES:
            raise StartupError(
                f"PROGRESS_JWT_SECRET must have at least {MIN_SECRET_BYTES} bytes for HS* tokens; "
                "make one with `openssl rand -base64 48`."
            )
        if self.algorithms & ASYMMETRIC and not (public_key or self._jwks_url):
            raise StartupError(
                "RS* and ES* tokens need PROGRESS_JWT_PUBLIC_KEY or PROGRESS_JWT_JWKS_URL."
            )
        if self._jwks_url and not self._jwks_url.startswith(("https://", "http://")):
            raise StartupError(
                f"PROGRESS_JWT_JWKS_URL: {self._jwks_url!r} is no address like "
                "https://login.example/jwks.json."
            )

    def age_seconds(self) -> float:
        """Seconds since the set was last fetched; since the start if it never was."""
        return time.monotonic() - max(self._fetched_at, self._created_at)

    def is_due(self) -> bool:
        """True when the set must be fetched again before it may verify a token."""
        return self.is_fetched and self._should_fetch(after=REFRESH_SECONDS)

    def find(self, algorithm: str, key_id: str | None) -> Key | None:
        """The key for a token's header, if it is present and the set need not be fetched again."""
        if algorithm in ASYMMETRIC and self.is_due():
            return None
        return self._present(algorithm, key_id)

    async def look_up(self, algorithm: str, key_id: str | None) -> Key | None:
        """Like `find`, after fetching the set when that may help.

        Raises:
            Unavailable: nothing was ever fetched from the address.
        """
        if algorithm not in self.algorithms & ASYMMETRIC or not self.is_fetched:
            return self.find(algorithm, key_id)
        if (algorithm, key_id) in self._by_id:
            await self.refresh()
        else:
            await self._fetch_if_due(after=RETRY_SECONDS, is_needed=True)
        if self._fetched_at == float("-inf"):
            raise Unavailable("The keys that verify tokens cannot be fetched.")
        return self._present(algorithm, key_id)

    async def refresh(self) -> None:
        """Fetch the set when it is due: one fetch, for which all callers wait.

        If the previous fetch failed, callers do not wait: the present keys stay in use, so an
        address that does not respond does not delay every request.
        """
        await self._fetch_if_due(after=REFRESH_SECONDS, is_needed=self._failed_at is None)

    def _present(self, algorithm: str, key_id: str | None) -> Key | None:
        return self._by_id.get((algorithm, key_id)) or self._by_id.get((algorithm, None))

    def _should_fetch(self, *, after: float) -> bool:
        now = time.monotonic()
        if self._failed_at is not None and now - self._failed_at <= RETRY_SECONDS:
            return False
        return now - self._fetched_at > after

    async def _fetch_if_due(self, *, after: float, is_needed: bool) -> None:
        if self._fetch_task is None and self._should_fetch(after=after):
            if self._failed_at is not None:
                self._failed_at = time.monotonic()
            self._fetch_task = asyncio.create_task(self._fetch())
        if self._fetch_task is not None and is_needed:
            # Shielded: a caller that disconnects must not cancel the fetch that others wait for.
            await asyncio.shield(self._fetch_task)

    async def _fetch(self) -> None:
        fresh: KeysById | None = None
        try:
            fresh = await self._fetched_keys()
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, *PREPARE_ERRORS) as error:
            log.warning("jwks_fetch_failed", error=type(error).__name__)
        finally:
            self._fetch_task = None
            self._failed_at = time.monotonic() if fresh is None else None
            if self.on_fetched is not None:
                self.on_fetched(fresh is not None)
        if fresh is not None:
            self._fetched_at = time.monotonic()
            self._replace_fetched(fresh)

    async def _fetched_keys(self) -> KeysById:
        assert self._jwks_url is not None  # noqa: S101 - else nothing is fetched
        with client_span("fetch keys", {"http.request.method": "GET"}):
            async with asyncio.timeout(FETCH_SECONDS), httpx.AsyncClient() as client:
                response = await client.get(self._jwks_url, headers=trace_headers())
            document = response.raise_for_status().json()
        fresh = keys_of_set(document, self.algorithms & ASYMMETRIC)
        # A set may become empty: that withdraws every key. But a set that never had one is a
        # wrong address, which must not make tokens invalid.
        if not fresh and self._fetched_at == float("-inf"):
            raise ValueError("no usable key in the set")
        return fresh

    def _replace_fetched(self, fresh: KeysById) -> None:
        """Use *fresh* from now on; a key that did not change stays the same object."""
        before = {key_id: key for key_id, key in self._by_id.items() if key_id[0] in ASYMMETRIC}
        kept = {
            key_id: before[key_id]
            for key_id, key in fresh.items()
            if key_id in before and before[key_id].to_dict() == key.to_dict()
        }
        secrets = {key_id: key for key_id, key in self._by_id.items() if key_id[0] in HMAC}
        self._by_id = {**secrets, **fresh, **kept}
        withdrawn = [key for key_id, key in before.items() if key_id not in kept]
        if withdrawn:
            log.info("jwks_keys_withdrawn", keys=len(withdrawn))
            if self.on_withdrawn is not None:
                self.on_withdrawn(withdrawn)
