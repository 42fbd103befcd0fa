"""Serves the web app and the demo clips, with cache headers and page policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from progress_service.edge.security_headers import PAGE_REFERRER, policy_of_web_app
from progress_service.precompressed import CODINGS, IDENTITY, PrecompressedFiles

WEB_APP = Path(__file__).parent / "static"
DEMO_MEDIA = Path(__file__).parent / "demo" / "media"

# Names of assets contain a hash of their content. The page and the service worker keep their names,
# so browsers must revalidate them; a new version is then loaded at the next visit.
IMMUTABLE, NO_CACHE = "public, max-age=31536000, immutable", "no-cache"
NEVER = "no-store"  # A missing file may exist after the next deployment.

INDEX, MANIFEST = "/index.html", "/manifest.webmanifest"
ROOT_PATH_FIELD = 'name="progress-root-path"'  # A field of the page that the app reads.

# Any other path may be a page of the app; a missing file below these is a 404.
NOT_PAGES = frozenset(
    {"api", "assets", "demo", "docs", "docs-assets", "healthz", "metrics", "readyz", "redoc"}
)
# What React compiles <style>{`…`}</style> to, with any quotes of the minifier.
_STYLE_ELEMENT = re.compile(r"[`\"']style[`\"'],\s*\{children:\s*`([^`$\\]+)`")
NOWHERE = "/assets/"  # Nothing is served at this path.
# Route labels of files in metrics.
TEMPLATES = (
    (re.compile(r"/"), "/"),
    (re.compile(r"/assets/.*"), "/assets/{file}"),
    (re.compile(r"/demo/media/.*"), "/demo/media/{file}"),
)
HOLDS_IDS = "/courses/"  # Ids may contain dots; elsewhere, a name with a dot is a file.


class CacheControlMiddleware:
    """ASGI middleware that adds cache and security headers, and serves compressed files."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: str,
        files: PrecompressedFiles,
        prefixed: Mapping[str, Response],
    ) -> None:
        """
        Args:
            app: the next ASGI app.
            policy: the Content-Security-Policy of pages.
            files: the files that have compressed forms.
            prefixed: by path, the files that name other paths, with the prefix of the proxy.
        """
        self._app = app
        self._policy = policy
        self._files = files
        self._prefixed = prefixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add headers to the response of a page or a file."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if not may_be_page(path):  # a missing file is a problem response, not a page
            headers = [pair for pair in scope["headers"] if not _asks_for_page(*pair)]
            scope = {**scope, "headers": headers}

        if path.startswith("/api/"):
            await self._app(scope, receive, send)
            return
        prefixed = self._prefixed_file(scope) if self._prefixed else None
        coding, varies = IDENTITY, False
        if prefixed is None:
            scope, coding, varies = self._compressed(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _add_caching(headers, path, message["status"])
                if coding != IDENTITY and message["status"] == 200:
                    headers["Content-Encoding"] = coding
                if varies:
                    headers.add_vary_header("Accept-Encoding")
                headers.setdefault("Content-Security-Policy", self._policy)
                headers.setdefault("Referrer-Policy", PAGE_REFERRER)
            await send(message)

        await (prefixed or self._app)(scope, receive, send_with_headers)

    def _prefixed_file(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return None
        if may_be_page(path) and _wants_page(scope):
            path = INDEX
        return self._prefixed.get(path)

    def _compressed(self, scope: Scope) -> tuple[Scope, str, bool]:
        """The request for the best form of a file, its coding, and whether other forms exist."""
        path = scope["path"].removeprefix(_prefix(scope))
        if self._files.is_form(path):
            return _moved(scope, NOWHERE), IDENTITY, False
        is_fallback = path not in self._files and _wants_page(scope)
        file = INDEX if path == "/" or (is_fallback and may_be_page(path)) else path
        if scope["method"] not in ("GET", "HEAD") or not self._files.varies(file):
            return scope, IDENTITY, False
        headers = Headers(scope=scope)
        # A range refers to the file itself, not to a compressed form.
        is_part = "range" in headers
        accepted = [] if is_part else headers.getlist("accept-encoding")
        coding = self._files.coding_for(file, accepted)
        if coding == IDENTITY:
            return scope, coding, True
        return _moved(scope, file + CODINGS[coding]), coding, True


def prefixed_files(web_app: Path, root_path: str) -> dict[str, Response]:
    """The page and the manifest of *web_app*, with *root_path* before each path in them."""
    if not root_path or not (web_app / INDEX[1:]).is_file():
        return {}
    page = (web_app / INDEX[1:]).read_text()
    page = re.sub(r'(href|src)="/(?!/)', rf'\1="{root_path}/', page)
    page = page.replace(f'{ROOT_PATH_FIELD} content=""', f'{ROOT_PATH_FIELD} content="{root_path}"')
    manifest = (web_app / MANIFEST[1:]).read_text().replace(':"/', f':"{root_path}/')
    return {
        INDEX: Response(page, media_type="text/html"),
        MANIFEST: Response(manifest, media_type="application/manifest+json"),
    }


def _moved(scope: Scope, path: str) -> Scope:
    path = _prefix(scope) + path
    return {**scope, "path": path, "raw_path": path.encode()}


def _prefix(scope: Scope) -> str:
    """The root path, if the path of the request contains it."""
    prefix: str = scope.get("root_path", "")
    return prefix if scope["path"].startswith(f"{prefix}/") else ""


def may_be_page(path: str) -> bool:
    """True for a path that may be a page of the app, although there is no such file."""
    first, *others = path[1:].split("/")
    if first.lower() in NOT_PAGES or (not first and others) or ".." in path.split("/"):
        return False
    return path.startswith(HOLDS_IDS) or "." not in path.rpartition("/")[2]


def _wants_page(scope: Scope) -> bool:
    return any(_asks_for_page(*pair) for pair in scope["headers"])


def _asks_for_page(name: bytes, value: bytes) -> bool:
    return name == b"accept" and b"html" in value.lower()


def _add_caching(headers: MutableHeaders, path: str, status: int) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    if status >= 400:
        headers.setdefault("Cache-Control", NEVER)
    elif status in (200, 206, 304):
        if path.startswith("/assets/") and ".." not in path:
            headers.setdefault("Cache-Control", IMMUTABLE)
        elif path == "/sw.js" or is_page:
            headers.setdefault("Cache-Control", NO_CACHE)
    if is_page or status == 404:
        headers.add_vary_header("Accept")  # browsers get a page where others get 404


def _inline_styles(web_app: Path) -> set[str]:
    """The contents of the style elements in the built app; the player's skin has two."""
    scripts = (web_app / "assets").glob("*.js")
    return {style for script in scripts for style in _STYLE_ELEMENT.findall(script.read_text())}


def install(app: FastAPI, *, root_path: str = "") -> None:
    """Serve the demo clips, and the built web app at ``/``; without it, redirect to /docs."""
    app.add_middleware(
        CacheControlMiddleware,
        policy=policy_of_web_app(_inline_styles(WEB_APP)),
        files=PrecompressedFiles(WEB_APP),
        prefixed=prefixed_files(WEB_APP, root_path),
    )
    app.mount("/demo/media", StaticFiles(directory=DEMO_MEDIA), name="demo-media")
    if (WEB_APP / "index.html").is_file():
        app.frontend("/", directory=WEB_APP, fallback="index.html")
        return

    @app.get("/", include_in_schema=False)
    async def to_docs() -> RedirectResponse:
        return RedirectResponse("/docs")
