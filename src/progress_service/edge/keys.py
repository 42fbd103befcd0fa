"""The keys that tokens are checked with: a secret, a file, or a JWKS address."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

from progress_service.errors import StartupError, Unavailable
from progress_service.observability import get_logger

HMAC = frozenset({"HS256", "HS384", "HS512"})
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: a key of the size of the hash output, or larger.
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
REFRESH_SECONDS = 300.0  # How long a fetched key set is believed.
RETRY_SECONDS = 10.0  # How soon an unknown key id, or a failed fetch, may ask for the set again.
FETCH_SECONDS = 3.0

_PREPARE_ERRORS = (
    JOSEError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
log = get_logger("keys")


class Keys:
    """One prepared key for each algorithm and key id; nothing of a token's own choosing.

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
        self._jwks_url = jwks_url
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._by_id: dict[tuple[str, str | None], Key] = {}
        self._check(secret, public_key)
        if secret is not None:
            for algorithm in self.algorithms & HMAC:
                self._by_id[algorithm, None] = hmac_key(secret, algorithm)
        if public_key is not None:
            self._by_id.update(_keys_of_file(public_key, self.algorithms & ASYMMETRIC))

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

    def find(self, algorithm: str, key_id: str | None) -> Key | None:
        """The key for a token's header, if we hold it and need not ask for the set again."""
        if algorithm in ASYMMETRIC and self._jwks_url and self._should_ask(after=REFRESH_SECONDS):
            return None
        return self._held(algorithm, key_id)

    async def look_up(self, algorithm: str, key_id: str | None) -> Key | None:
        """Like `find`, after asking the JWKS address when that may help.

        Raises:
            Unavailable: nothing was ever fetched from the address.
        """
        if algorithm not in self.algorithms & ASYMMETRIC or self._jwks_url is None:
            return self.find(algorithm, key_id)
        async with self._fetching:
            is_known = (algorithm, key_id) in self._by_id
            if self._should_ask(after=REFRESH_SECONDS if is_known else RETRY_SECONDS):
                await self._fetch(self._jwks_url)
        if self._fetched_at == float("-inf"):
            raise Unavailable("The keys that tokens are checked with cannot be had.")
        return self._held(algorithm, key_id)

    def _held(self, algorithm: str, key_id: str | None) -> Key | None:
        return self._by_id.get((algorithm, key_id)) or self._by_id.get((algorithm, None))

    def _should_ask(self, *, after: float) -> bool:
        """Not at every request: while the address fails, old keys serve on, or callers are told."""
        now = time.monotonic()
        return now - self._fetched_at > after and now - self._asked_at > RETRY_SECONDS

    async def _fetch(self, url: str) -> None:
        self._asked_at = time.monotonic()
        try:
            async with asyncio.timeout(FETCH_SECONDS), httpx.AsyncClient() as client:
                document = (await client.get(url)).raise_for_status().json()
            fresh = _keys_of_set(document, self.algorithms & ASYMMETRIC)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, *_PREPARE_ERRORS) as error:
            log.warning("jwks_fetch_failed", error=type(error).__name__)
            return
        held = {key: value for key, value in self._by_id.items() if key[0] in HMAC}
        self._by_id = {**held, **fresh}
        self._fetched_at = time.monotonic()


def hmac_key(secret: str, algorithm: str) -> Key:
    """*secret* as a key; given as text, one that is JSON would be taken for a key set.

    Raises:
        StartupError: it is somebody's public key.
    """
    try:
        return jwk.construct(secret.encode(), algorithm)
    except JOSEError as error:
        raise StartupError(
            "PROGRESS_JWT_SECRET looks like a public key or certificate; use random bytes."
        ) from error


def _keys_of_file(path: Path, algorithms: frozenset[str]) -> dict[tuple[str, str | None], Key]:
    try:
        text = path.read_text()
        if text.lstrip().startswith("{"):
            return _keys_of_set(json.loads(text), algorithms)
        return {(a, None): _fitting(jwk.construct(text, a), a) for a in algorithms}
    except (OSError, *_PREPARE_ERRORS) as error:
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


def _keys_of_set(
    document: Mapping[str, Any], algorithms: frozenset[str]
) -> dict[tuple[str, str | None], Key]:
    keys: dict[tuple[str, str | None], Key] = {}
    for entry in document["keys"]:
        try:
            keys |= _keys_of_entry(entry, algorithms)
        except _PREPARE_ERRORS as error:  # one that we cannot read must not cost us the others
            log.warning("jwks_entry_unusable", error=type(error).__name__)
    if not keys:
        raise ValueError("no usable key in the set")
    return keys


def _keys_of_entry(
    entry: Mapping[str, Any], algorithms: frozenset[str]
) -> dict[tuple[str, str | None], Key]:
    family = {"RSA": "RS", "EC": "ES"}.get(entry["kty"])
    wanted = {entry["alg"]} & algorithms if "alg" in entry else algorithms
    return {
        (algorithm, entry.get("kid")): _fitting(jwk.construct(dict(entry), algorithm), algorithm)
        for algorithm in wanted
        if family is not None and algorithm.startswith(family)
    }
