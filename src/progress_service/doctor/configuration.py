"""`settings`: variables that are invalid, unknown, or weaken a protection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.edge.configured import limiter_for
from progress_service.errors import StartupError
from progress_service.settings import Settings

CHECK = "settings"


async def check(installation: Installation) -> Sequence[Finding]:
    """One finding for each variable that is wrong."""
    settings = installation.settings
    found = [*_faults(installation), *_contradictions(settings), *_weakened(settings)]
    return found or [ok(CHECK, "all variables are known, and their values are valid")]


def _faults(installation: Installation) -> Iterator[Finding]:
    for variable, nearest in installation.unknown:
        remedy = f"remove it, or rename it: did you mean {nearest}? .env.example lists them all."
        yield error(CHECK, f"{variable} is no setting; the service does not start", remedy)
    for variable, reason in installation.invalid:
        finding = f"{variable} is not usable ({reason}); the service does not start"
        yield error(CHECK, finding, "correct it; .env.example describes each setting.")


def _contradictions(settings: Settings) -> Iterator[Finding]:
    if not _is_storage(settings):
        yield error(
            CHECK,
            "PROGRESS_RATE_LIMIT_STORAGE is not usable; the service does not start",
            "use memory://, or the address of a storage whose client is installed, like "
            "mongodb://host/?timeoutMS=500.",
        )
    if settings.xapi_secret is not None and settings.xapi_key is None:
        yield error(
            CHECK,
            "PROGRESS_XAPI_SECRET is set without PROGRESS_XAPI_KEY; the service does not start",
            "set PROGRESS_XAPI_KEY to the user name, or remove the secret.",
        )


def _is_storage(settings: Settings) -> bool:
    if settings.rate_limit_storage.startswith("mongodb"):
        return True  # Its client is installed, and connects when it is dropped again.
    try:
        limiter_for(settings)
    except StartupError:  # its message may hold a password
        return False
    return True


def _weakened(settings: Settings) -> Iterator[Finding]:
    if settings.analytics_min_learners == 1:
        yield warning(
            CHECK,
            "PROGRESS_ANALYTICS_MIN_LEARNERS=1 shows teachers the numbers of single learners",
            "set it to 5 or more, unless every teacher may see them.",
        )
    if settings.webhooks_allow_private_addresses:
        yield warning(
            CHECK,
            "PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES lets webhooks reach every private address",
            "name the networks that they may reach in PROGRESS_WEBHOOKS_ALLOWED_NETWORKS instead.",
        )
