"""Documents with keys → the keys of python-jose: secrets, PEM files, JSON Web Key Sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

from progress_service.errors import StartupError
from progress_service.observability.logging import get_logger

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
PREPARE_ERRORS = (
    JOSEError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
log = get_logger("keys")
KeysById = dict[tuple[str, str | None], Key]
"""By algorithm and key id; ``None`` is the key of tokens whose key id is not in the set."""


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
    """The keys of a PEM or JWKS file.

    Raises:
        StartupError: it holds no usable one.
    """
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
    """The usable keys of a JWKS document; one of `PREPARE_ERRORS` if it is none."""
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
