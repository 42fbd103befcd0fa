"""`proxy`: settings that must fit the proxy in front, and the number of workers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from progress_service.doctor.findings import Finding, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.edge.rate_limiter import IN_PROCESS
from progress_service.settings import Settings

CHECK = "proxy"
PROXY_IDLE_SECONDS = 60  # The idle time-out of common load balancers.
TRUSTED_PROXIES = "FORWARDED_ALLOW_IPS"
"""Read by uvicorn: whose `X-Forwarded-For` and `X-Forwarded-Proto` it believes."""
ANYONE = frozenset({"*", "0.0.0.0/0", "::/0"})
OWN_PATHS = frozenset({"/api", "/docs", "/progress", "/assets", "/healthz", "/readyz", "/metrics"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def check(installation: Installation) -> Sequence[Finding]:
    """One finding for each setting that does not fit."""
    settings = installation.settings
    found = [
        *_of_trust(installation.environment.get(TRUSTED_PROXIES, "")),
        *_of_connections(settings),
        *_of_root_path(settings.root_path),
        *_of_origins(settings.cors_origins),
        *_of_workers(settings),
    ]
    where = f"below {settings.root_path}" if settings.root_path else "at the root of its host"
    return found or [ok(CHECK, f"the service expects to be served {where}")]


def _of_trust(trusted: str) -> Iterator[Finding]:
    if ANYONE & {part.strip() for part in trusted.split(",")}:
        yield warning(
            CHECK,
            f"{TRUSTED_PROXIES} trusts everybody: any client can pretend to have another address",
            "name the addresses of the proxy only.",
        )


def _of_connections(settings: Settings) -> Iterator[Finding]:
    seconds = settings.keep_alive_seconds
    if seconds < PROXY_IDLE_SECONDS:
        yield warning(
            CHECK,
            f"PROGRESS_KEEP_ALIVE_SECONDS={seconds} closes connections while a proxy may still "
            f"send requests into them, which then get 502 (common idle time-out: "
            f"{PROXY_IDLE_SECONDS} s)",
            "set it above the idle time-out of your proxy; the default is 75.",
        )


def _of_root_path(root_path: str) -> Iterator[Finding]:
    first = "/" + root_path.split("/")[1] if root_path else ""
    if first in OWN_PATHS:
        yield warning(
            CHECK,
            f"PROGRESS_ROOT_PATH={root_path} begins like a path of the service itself, so the "
            "proxy's and the service's paths can be mixed up",
            "choose a prefix such as /learn.",
        )


def _of_origins(origins: Sequence[str]) -> Iterator[Finding]:
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme != "http":
            continue
        if parts.hostname in LOOPBACK:
            finding = f"PROGRESS_CORS_ORIGINS allows {origin}, a page of a developer's machine"
            yield warning(CHECK, finding, "remove it in production.")
        else:
            finding = (
                f"PROGRESS_CORS_ORIGINS allows {origin}, whose pages can be altered on the way"
            )
            yield warning(CHECK, finding, "serve these pages by https, and list that origin.")


def _of_workers(settings: Settings) -> Iterator[Finding]:
    workers = settings.workers
    if workers > 1 and settings.rate_limit_storage == IN_PROCESS:
        yield warning(
            CHECK,
            f"each of the {workers} workers counts by itself, so users may call {workers} times "
            "as often as the rate limits say",
            "divide the rates by the number of workers, or name a shared storage in "
            "PROGRESS_RATE_LIMIT_STORAGE.",
        )
