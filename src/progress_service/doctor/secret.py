"""`secret`: whether the keys that people chose can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.edge.key_set import HMAC, MIN_SECRET_BYTES
from progress_service.setting_types import keys_in
from progress_service.settings import Settings

CHECK = "secret"
MIN_DISTINCT = 10  # Of 32 random hexadecimal digits, 14 differ on average; below 10: one in 10 000.
MIN_UNKNOWN = 16  # Characters that are no part of a well-known word; random ones have all.
WORDS = (
    "please|change|me|replace|this|your|own|super|very|top|secret|secure|password|passphrase|pass|"
    "example|sample|default|dummy|placeholder|insecure|dev|development|prod|production|testing|"
    "tests|test|local|localhost|jwt|token|signing|sign|key|hmac|hs256|admin|root|user|login|letmein|"
    "welcome|progress|service|course|video|student|teacher|school|university|learn|mongodb|mongo|"
    "at|least|bytes|byte|the|same|that|signs|tokens|with|for|characters|chars|long|enough|some|"
    "qwertyuiop|qwertz|qwerty|asdfghjkl|asdf|zxcvbnm|abc|xyz|foo|bar|baz|lorem|ipsum"
)
_KNOWN = re.compile(rf"{WORDS}|[\W_]+", re.IGNORECASE)
_SENTENCE = re.compile(
    r"([A-Z]?[a-z]+|\d{1,4}|[A-Z]+)(?:[\W_]+([A-Z]?[a-z]+|\d{1,4}|[A-Z]+)){2,}\W*"
)
_NAMES = re.compile(r"(?:[A-Z][a-z]{2,}\d{0,4}){4,}\W*|[a-z]+|[A-Z]+")
"""Words without spaces; random characters have digits and both cases in any order."""
REMEDY = "make one with `openssl rand -base64 48`, and set it here and at the issuer of the tokens."


async def check(installation: Installation) -> Sequence[Finding]:
    """The strength of the secrets in the settings; they are never printed."""
    settings = installation.settings
    return [*_of_tokens(settings), *_of_webhooks(settings)]


def _of_tokens(settings: Settings) -> Iterator[Finding]:
    if not HMAC & set(settings.jwt_algorithms):
        yield ok(CHECK, "no HS* tokens are accepted, so no secret is required")
        return
    if settings.jwt_secret is None:
        yield error(CHECK, "PROGRESS_JWT_SECRET is not set; `serve` does not start", REMEDY)
        return
    secret = settings.jwt_secret.get_secret_value()
    yield judge("PROGRESS_JWT_SECRET", secret, remedy=REMEDY)


def _of_webhooks(settings: Settings) -> Iterator[Finding]:
    name = "PROGRESS_WEBHOOKS_ENCRYPTION_KEY"
    token_secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret else None
    for key in keys_in(settings.webhooks_encryption_key):
        remedy = "make one with `openssl rand -hex 32`, and put it in front of the present one."
        if key == token_secret:
            yield warning(CHECK, f"{name} is the same as PROGRESS_JWT_SECRET", remedy)
            continue
        yield judge(name, key, remedy=remedy)


def judge(name: str, secret: str, *, remedy: str) -> Finding:
    """The finding about *secret*, the value of *name*."""
    size = len(secret.encode())
    if size < MIN_SECRET_BYTES:
        return error(CHECK, f"{name} has {size} bytes; {MIN_SECRET_BYTES} are required", remedy)
    if weakness := _weakness(secret):
        return error(CHECK, f"{name} can be guessed: {weakness}", remedy)
    if _SENTENCE.fullmatch(secret) or _NAMES.fullmatch(secret):
        return warning(CHECK, f"{name} is made of words, which are easier to guess", remedy)
    return ok(CHECK, f"{name} has {size} bytes without a visible pattern")


def _weakness(secret: str) -> str | None:
    if len(set(secret)) < MIN_DISTINCT:
        return f"it has only {len(set(secret))} different characters"
    if secret in (secret + secret)[1:-1] or _repeats(secret):
        return "it repeats a part of itself"
    if _steps(secret) > len(secret) // 2:
        return "it is a sequence such as abc or 123"
    if len(_KNOWN.sub("", secret)) < MIN_UNKNOWN:
        return "it is the value of an example, or made of well-known words"
    return None


def _repeats(secret: str) -> bool:
    """True if it starts with a short part that is repeated to its end."""
    return any(
        (secret[:size] * (len(secret) // size + 1)).startswith(secret)
        for size in range(1, min(MIN_UNKNOWN, len(secret) // 2) + 1)
    )


def _steps(secret: str) -> int:
    """How many characters are the next or previous ones of those before them."""
    return sum(abs(ord(b) - ord(a)) == 1 for a, b in pairwise(secret) if a.isalnum())
