"""Parts of the edge as the settings describe them."""

from __future__ import annotations

from progress_service.edge.claims import ClaimNames
from progress_service.edge.key_set import KeySet
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.token_verifier import TokenVerifier
from progress_service.settings import Settings


def key_set_for(settings: Settings) -> KeySet:
    """The keys that *settings* name.

    Raises:
        StartupError: a weak or missing key.
    """
    return KeySet(
        algorithms=settings.jwt_algorithms,
        secret=settings.jwt_secret.get_secret_value() if settings.jwt_secret else None,
        public_key=settings.jwt_public_key,
        jwks_url=settings.jwt_jwks_url,
    )


def verifier_for(settings: Settings, key_set: KeySet | None = None) -> TokenVerifier:
    """The token verifier that *settings* describe.

    Args:
        settings: whose tokens are valid.
        key_set: their keys; by default, those of *settings*.

    Raises:
        StartupError: a weak or missing key.
    """
    return TokenVerifier(
        key_set or key_set_for(settings),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        max_age_seconds=settings.jwt_max_age,
        claim_names=claim_names_for(settings),
    )


def claim_names_for(settings: Settings) -> ClaimNames:
    """The claims that hold the user id and the roles, as *settings* describe it."""
    return ClaimNames(settings.jwt_user_claim, settings.jwt_role_claim, settings.role_names)


def limiter_for(settings: Settings) -> RateLimiter:
    """The rate limiter that *settings* describe."""
    return RateLimiter(
        watch_time=settings.watch_time_rate,
        calls=settings.read_rate,
        service=settings.service_rate,
        events=settings.events_rate,
        storage_uri=settings.rate_limit_storage,
    )
