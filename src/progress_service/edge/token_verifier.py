"""Bearer token → Principal. python-jose is imported here and in `key_set` only.

python-jose accepts tokens without `exp`, with unknown `crit` headers and with claims of the wrong
type, and raises many kinds of exceptions. This module rejects what it leaves open.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jose import jwt
from jose.backends.base import Key
from jose.exceptions import ExpiredSignatureError, JOSEError

from progress_service.edge.claims import USER_ID_DETAIL, ClaimNames
from progress_service.edge.key_set import KeySet, hmac_key
from progress_service.errors import Unauthenticated
from progress_service.setting_types import Role as Role

MAX_TOKEN_CHARACTERS = 4_096
MAX_CACHED_TOKENS = 20_000
CLOCK_LEEWAY_SECONDS = 5
DEFAULT_CLAIM_NAMES = ClaimNames()

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES = frozenset({None, "JWT", "jwt", "at+jwt"})
_DECODE_ERRORS = (
    JOSEError,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    KeyError,
    AttributeError,
    binascii.Error,
)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: user id, roles, and the end of the token in seconds since 1970."""

    id: str
    roles: frozenset[Role]
    expires_at: float


class TokenVerifier:
    """Verifies tokens, and caches valid ones until they expire: verifying one takes 0.15 ms.

    A cached token is valid only while the key that verified it is published.
    """

    def __init__(
        self,
        keys: KeySet,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        max_age_seconds: int | None = None,
        claim_names: ClaimNames = DEFAULT_CLAIM_NAMES,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._max_age_seconds = max_age_seconds
        self._claim_names = claim_names
        self._cached: OrderedDict[str, tuple[Principal, Key]] = OrderedDict()
        self.may_cache: Callable[[str], bool] = lambda _: True
        """Returns whether tokens of this user may be cached; not of one who was just erased."""
        keys.on_withdrawn = self._drop_tokens_of

    def cached(self, token: str) -> Principal | None:
        """The principal of a valid token that was verified before; one dictionary lookup."""
        known = self._cached.get(token)
        if known is None:
            return None
        principal = known[0]
        if principal.expires_at <= time.time():
            del self._cached[token]
            return None
        if self._keys.is_fetched and self._keys.is_due():
            return None  # its key may have been withdrawn; `verify` checks
        return principal

    async def verify(self, token: str) -> Principal:
        """The principal of *token*.

        Raises:
            Unauthenticated: it is malformed, forged, expired, or lacks a claim.
            Unavailable: the address of the keys does not respond.
        """
        if (known := self.cached(token)) is not None:
            return known
        if token in self._cached:
            await self._keys.refresh()
            if (known := self.cached(token)) is not None:
                return known
        header = _header(token)
        algorithm, key_id = header["alg"], header.get("kid")
        key = self._keys.find(algorithm, key_id) or await self._keys.look_up(algorithm, key_id)
        if key is None or algorithm not in self._keys.algorithms:
            raise Unauthenticated("The token is signed in a way that this service does not accept.")
        claims = self._claims(token, key, algorithm)
        principal = _principal(claims, self._claim_names, max_age_seconds=self._max_age_seconds)
        if self.may_cache(principal.id):
            self._cached[token] = principal, key
        if len(self._cached) > MAX_CACHED_TOKENS:
            self._cached.popitem(last=False)
        return principal

    def forget_user(self, user_id: str) -> None:
        """Drop the cached tokens of a user."""
        for token in [t for t, (who, _) in self._cached.items() if who.id == user_id]:
            del self._cached[token]

    def _drop_tokens_of(self, withdrawn: Collection[Key]) -> None:
        """Drop the cached tokens that a withdrawn key verified."""
        identities = {id(key) for key in withdrawn}
        for token in [t for t, (_, key) in self._cached.items() if id(key) in identities]:
            del self._cached[token]

    def _claims(self, token: str, key: Any, algorithm: str) -> Mapping[str, Any]:
        required = {
            "require_exp": True,
            "verify_sub": False,  # the user id may be another claim, which is checked later
            "require_aud": self._audience is not None,
            "require_iss": self._issuer is not None,
            # Without a required audience, a token made for several services is accepted.
            "verify_aud": self._audience is not None,
            "verify_at_hash": False,
            # `_expiry` checks them, and names the one that is wrong.
            "verify_iat": False,
            "verify_nbf": False,
        }
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options=required,
            )
        except ExpiredSignatureError as error:
            raise Unauthenticated("The token has expired; sign in again.") from error
        except _DECODE_ERRORS as error:
            raise Unauthenticated("The token is not valid for this service.") from error


def _header(token: str) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_CHARACTERS or not _SHAPE.fullmatch(token):
        raise Unauthenticated("The token is not a signed JWT of at most 4096 characters.")
    encoded = token.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except _DECODE_ERRORS as error:
        raise Unauthenticated("The token's header cannot be read.") from error
    is_supported = (
        isinstance(header, dict)
        and isinstance(header.get("alg"), str)
        and isinstance(header.get("kid"), str | None)
        and isinstance(header.get("typ"), str | None)
        and header.get("typ") in _TYPES
        and not header.keys() & {"crit", "b64", "zip"}
    )
    if not is_supported:
        raise Unauthenticated(
            "The token's header requires something that this service does not support."
        )
    return cast(dict[str, Any], header)


def _principal(
    claims: Mapping[str, Any], names: ClaimNames, *, max_age_seconds: int | None
) -> Principal:
    expires_at = _expiry(claims, max_age_seconds=max_age_seconds)
    user_id = names.user_id_in(claims)
    if user_id is None:
        raise Unauthenticated(f"The token's `{names.user}` is no user id; it {USER_ID_DETAIL}.")
    roles = names.roles_in(claims)
    if not roles:
        raise Unauthenticated(
            f"The token names no role: `{names.role}` holds none of student, teacher and service, "
            "and no name from PROGRESS_JWT_ROLE_NAMES."
        )
    return Principal(id=user_id, roles=roles, expires_at=expires_at)


def _expiry(claims: Mapping[str, Any], *, max_age_seconds: int | None) -> float:
    """When the token expires. `iat` bounds its age if a maximum is set, and rejects none alone."""
    expires_at: float = claims["exp"]
    moments = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if not all(map(_is_moment, moments)):
        raise Unauthenticated("The token's `exp`, `iat` or `nbf` is not a usable time.")
    if claims.get("nbf", 0) > time.time() + CLOCK_LEEWAY_SECONDS:
        raise Unauthenticated("The token is not valid yet: its `nbf` lies in the future.")
    if max_age_seconds is not None:
        if "iat" not in claims:
            raise Unauthenticated("The token has no `iat`, and this service bounds its age.")
        expires_at = min(expires_at, claims["iat"] + max_age_seconds)
    if expires_at <= time.time():  # python-jose accepts a token until the end of its last second
        raise Unauthenticated("The token has expired; sign in again.")
    return float(expires_at)


def _is_moment(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


def mint(
    *,
    subject: str,
    role: Role,
    secret: str,
    algorithm: str,
    ttl_seconds: int,
    issuer: str | None = None,
    audience: str | None = None,
    claim_names: ClaimNames = DEFAULT_CLAIM_NAMES,
) -> str:
    """A development token, signed with the configured *secret*.

    Raises:
        StartupError: the secret is a public key.
    """
    now = int(time.time())
    claims = {**claim_names.claims_of(subject, role), "iat": now, "exp": now + ttl_seconds}
    named = {"iss": issuer, "aud": audience}
    claims |= {name: value for name, value in named.items() if value is not None}
    return jwt.encode(claims, hmac_key(secret, algorithm), algorithm=algorithm)
