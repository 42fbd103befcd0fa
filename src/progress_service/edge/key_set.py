"""The keys that verify tokens: a secret, a file, or a JWKS address."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

from progress_service.errors import StartupError, Unavailable
from progress_service.observability.logging import get_logger

HMAC = frozenset({"HS256", "HS384", "HS512"})
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: a key of the size of the hash output, or larger.
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
REFRESH_SECONDS = 300.0  # How long a fetched key set is used; so long a withdrawn key is valid.
RETRY_SECONDS = 10.0  # How soon an unknown key id, or a failed fetch, may fetch the set again.
FETCH_SECONDS = 3.0

PREPARE_ERRORS = (
    JOSEError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""What reading a key or a key set raises if it is unusable."""
log = get_logger("keys")
KeysById = dict[tuple[str, str | None], Key]
"""By algorithm and key id; ``None`` is the key of tokens whose key id is not in the set."""

OnKeysWithdrawn = Callable[[Collection[Key]], None]
"""Called with the keys that a newly fetched set no longer holds."""


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
        self._jwks_url = jwks_url
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
        if fresh is not None:
            self._fetched_at = time.monotonic()
            self._replace_fetched(fresh)

    async def _fetched_keys(self) -> KeysById:
        assert self._jwks_url is not None  # noqa: S101 - else nothing is fetched
        async with asyncio.timeout(FETCH_SECONDS), httpx.AsyncClient() as client:
            document = (await client.get(self._jwks_url)).raise_for_status().json()
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


def hmac_key(secret: str, algorithm: str) -> Key:
    """*secret* as a key. As bytes: a text that is JSON would be read as a key set.

    Raises:
        StartupError: it is a public key.
    """
    try:
        return jwk.construct(secret.encode(), algorithm)
    except JOSEError as error:
        raise StartupError(
            "PROGRESS_JWT_SECRET looks like a public key or certificate; use random bytes."
        ) from error


def keys_of_file(path: Path, algorithms: frozenset[str]) -> KeysById:
    """The keys of a PEM or JWKS file; a `StartupError` if it has none for *algorithms*."""
    try:
        text = path.read_text()
        if text.lstrip().startswith("{"):
            if keys := keys_of_set(json.loads(text), algorithms):
                return keys
            raise ValueError("no usable key in the set")
        return {(a, None): _fitting(jwk.construct(text, a), a) for a in algorithms}
    except (OSError, *PREPARE_ERRORS) as error:
        raise StartupError(
            f"PROGRESS_JWT_PUBLIC_KEY: {path} holds no usable key for "
            f"{', '.join(sorted(algorithms))}; give a PEM or JWKS file."
        ) from error


def _fitting(key: Key, algorithm: str) -> Key:
    """*key*, if it is one for *algorithm*: python-jose takes any PEM for any of them."""
    kind = key.to_dict()  # an AttributeError for a key of another family
    if kind.get("crv", curve := _CURVES.get(algorithm)) != curve:
        raise ValueError(f"a key on curve {kind['crv']} does not fit {algorithm}")
    return key


def keys_of_set(document: Mapping[str, Any], algorithms: frozenset[str]) -> KeysById:
    """The usable keys of a JWKS document; one of `PREPARE_ERRORS` is raised if it is none."""
    keys: KeysById = {}
    for entry in document["keys"]:
        try:
            keys |= _keys_of_entry(entry, algorithms)
        except PREPARE_ERRORS as error:  # one unusable entry must not invalidate the others
            log.warning("jwks_entry_unusable", error=type(error).__name__)
    return keys


def _keys_of_entry(entry: Mapping[str, Any], algorithms: frozenset[str]) -> KeysById:
    family = {"RSA": "RS", "EC": "ES"}.get(entry["kty"])
    usable = {entry["alg"]} & algorithms if "alg" in entry else algorithms
    return {
        (algorithm, entry.get("kid")): _fitting(jwk.construct(dict(entry), algorithm), algorithm)
        for algorithm in usable
        if family is not None and algorithm.startswith(family)
    }
