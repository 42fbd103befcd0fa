"""Which pages may open a socket: those of this host, and those of the configured origins."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

WEB_SCHEMES = frozenset({"http", "https"})
DEFAULT_PORTS = frozenset({80, 443})
Host = tuple[str, int | None]


def may_connect(headers: Headers, allowed_origins: Collection[str]) -> bool:
    """True for a program, which sends no `Origin`, and for a page that may open a socket.

    Args:
        headers: of the handshake.
        allowed_origins: as browsers send them.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed_origins:
        return True
    page = _host_of_page(origin)
    return page is not None and page in map(_parsed, _hosts(headers))


def _hosts(headers: Headers) -> list[str]:
    """Under which names the client may have called.

    A page cannot set headers of a handshake, so `X-Forwarded-Host` is as good as the `Host` that
    the proxy replaced.
    """
    forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    return [host for host in (headers.get("host", ""), forwarded) if host]


def _host_of_page(origin: str) -> Host | None:
    scheme, separator, host = origin.partition("://")
    return _parsed(host, scheme.lower()) if separator and scheme.lower() in WEB_SCHEMES else None


def _parsed(host: str, scheme: str = "") -> Host | None:
    """Name in lower case and port; ``None`` for the default port, which may be left out.

    A proxy that ends TLS may write its own port 80 or 443 into `Host`, whatever the page's scheme.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.netloc != host or parts.username is not None:
        return None
    defaults = {"http": {80}, "https": {443}}.get(scheme, DEFAULT_PORTS)
    return name.rstrip("."), None if port in defaults else port
