"""The security headers of responses, built once: a request only looks them up."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

Headers = tuple[tuple[bytes, bytes], ...]

_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_OF_THE_API: Headers = (
    _NO_SNIFFING,
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_OF_THE_REST: Headers = (_NO_SNIFFING,)

_NOWHERE_ELSE = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
PAGE_REFERRER = "strict-origin-when-cross-origin"
"""Media hosts may check which site embeds them, but do not learn which page."""

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def security_headers(path: str) -> Headers:
    """The headers of every response at *path*."""
    return _OF_THE_API if path.startswith("/api/") else _OF_THE_REST


def policy_of_web_app(inline_styles: Iterable[str]) -> str:
    """The Content-Security-Policy of the web app: its own scripts, its own styles.

    Args:
        inline_styles: the contents of style elements that a library adds to the page.
    """
    styles = " ".join(["'self'", *map(_hash, inline_styles)])
    return (
        f"default-src 'self'; script-src 'self'; style-src {styles}; font-src 'self'; "
        # Also the socket: 'self' covers ws: and wss: of the same host.
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        # A course names its videos by any address on the web.
        "img-src 'self' data: blob: https: http:; media-src 'self' blob: https: http:; "
        f"{_NOWHERE_ELSE}"
    )


def policy_of_docs(html: str) -> str:
    """The Content-Security-Policy of the Swagger UI page *html*: only its own inline scripts run.

    Swagger UI writes styles into its elements, so those are allowed inline.
    """
    scripts = " ".join(["'self'", *map(_hash, _INLINE_SCRIPT.findall(html))])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; {_NOWHERE_ELSE}"
    )


def _hash(text: str) -> str:
    """*text* as a source of CSP: that very text is let in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
