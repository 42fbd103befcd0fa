"""`key_set`: whether the keys that verify RS* and ES* tokens are there, fit, and are safe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.edge.key_set import (
    ASYMMETRIC,
    FETCH_SECONDS,
    HMAC,
    PREPARE_ERRORS,
    KeysById,
    keys_of_file,
    keys_of_set,
)
from progress_service.errors import StartupError
from progress_service.settings import Settings

CHECK = "key_set"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def check(installation: Installation) -> Sequence[Finding]:
    """The algorithms, the file and the address of the settings; an address is fetched once."""
    settings = installation.settings
    algorithms = frozenset(settings.jwt_algorithms)
    if unknown := algorithms - HMAC - ASYMMETRIC or ({"nothing"} if not algorithms else None):
        finding = f"PROGRESS_JWT_ALGORITHMS lists {', '.join(sorted(unknown))}"
        return [error(CHECK, finding, "use HS256...HS512, RS256...RS512 or ES256...ES512.")]
    if not algorithms & ASYMMETRIC:
        return [ok(CHECK, "only HS* tokens are accepted, so no key set is required")]
    if not (settings.jwt_public_key or settings.jwt_jwks_url):
        finding = "RS* and ES* tokens are accepted, but no key is configured"
        return [error(CHECK, finding, "set PROGRESS_JWT_JWKS_URL or PROGRESS_JWT_PUBLIC_KEY.")]
    found = [*_of_file(settings.jwt_public_key, algorithms & ASYMMETRIC)]
    if settings.jwt_jwks_url:
        found += await _of_address(settings.jwt_jwks_url, algorithms & ASYMMETRIC)
        found += _of_others(settings)
    return found


def _of_file(path: Path | None, algorithms: frozenset[str]) -> Iterator[Finding]:
    if path is None:
        return
    try:
        keys = keys_of_file(path, algorithms)
        holds_private_key = "PRIVATE KEY" in path.read_text()
    except (StartupError, OSError):
        yield error(
            CHECK,
            f"PROGRESS_JWT_PUBLIC_KEY: {path} holds no usable key for "
            f"{', '.join(sorted(algorithms))}",
            "give a readable PEM or JWKS file with a public key for each of the algorithms.",
        )
        return
    yield from _of_keys(keys, algorithms, str(path))
    if holds_private_key:
        yield warning(
            CHECK,
            f"{path} holds a private key: who reads it can make any token",
            "replace it by the public key: openssl pkey -pubout.",
        )


def _of_keys(keys: KeysById, algorithms: frozenset[str], source: str) -> Iterator[Finding]:
    with_key = {algorithm for algorithm, _ in keys}
    if lacking := sorted(algorithms - with_key):
        yield warning(
            CHECK,
            f"{source} has no key for {', '.join(lacking)}",
            "remove them from PROGRESS_JWT_ALGORITHMS, or publish a key; such tokens get 401.",
        )
    if with_key:
        count = len({key_id for _, key_id in keys})
        yield ok(CHECK, f"{source} has {count} usable keys for {', '.join(sorted(with_key))}")


async def _of_address(url: str, algorithms: frozenset[str]) -> list[Finding]:
    shown = _without_secrets(url)
    try:
        async with asyncio.timeout(FETCH_SECONDS), httpx.AsyncClient() as client:
            document = (await client.get(url)).raise_for_status().json()
        keys = keys_of_set(document, algorithms)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, *PREPARE_ERRORS) as failure:
        return [_unusable(shown, failure)]
    if not keys:
        finding = f"{shown} has no usable key for {', '.join(sorted(algorithms))}"
        remedy = "check the address, and that PROGRESS_JWT_ALGORITHMS names what its keys are for."
        return [error(CHECK, finding, remedy)]
    return [*_of_keys(keys, algorithms, shown), *_of_transport(url)]


def _unusable(shown: str, failure: Exception) -> Finding:
    remedy = "check PROGRESS_JWT_JWKS_URL, and whether this machine may connect to it."
    if isinstance(failure, httpx.HTTPStatusError):
        reason = f"returned {failure.response.status_code}"
        remedy = "correct PROGRESS_JWT_JWKS_URL; providers print it as jwks_uri."
    elif isinstance(failure, TimeoutError | httpx.TimeoutException):
        reason = f"did not respond within {FETCH_SECONDS:g} s"
    elif isinstance(failure, httpx.ConnectError):
        reason = "cannot be reached"
    elif isinstance(failure, httpx.HTTPError | httpx.InvalidURL):
        reason = f"cannot be fetched ({type(failure).__name__})"
    else:
        reason = "is no JWKS document"
        remedy = "correct PROGRESS_JWT_JWKS_URL; providers print it as jwks_uri."
    return error(CHECK, f"{shown} {reason}; tokens get 503", remedy)


def _of_transport(url: str) -> Iterable[Finding]:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        finding = "the key set is fetched over plain http, where others can replace the keys"
        yield warning(CHECK, finding, "use https:// in PROGRESS_JWT_JWKS_URL.")


def _of_others(settings: Settings) -> Iterator[Finding]:
    lacking = [
        f"PROGRESS_JWT_{name}"
        for name, value in (("ISSUER", settings.jwt_issuer), ("AUDIENCE", settings.jwt_audience))
        if value is None
    ]
    if lacking:
        yield warning(
            CHECK,
            f"without {' and '.join(lacking)}, tokens that the provider makes for other "
            "applications are accepted",
            "set them to the iss and the aud of the tokens for this service.",
        )


def _without_secrets(url: str) -> str:
    """Scheme, host and path: a query or a user may be secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
    except ValueError:
        return "PROGRESS_JWT_JWKS_URL"
