"""What browsers load, and for how long it is good: the web app, and the clips of the demo."""

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

# Names of assets hold a hash of what is in them. The page and the service worker keep their names,
# so a browser asks whether they changed: a new version is there at the next visit.
FOR_GOOD, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
NEVER = "no-store"  # What is missing now may be there after the next deployment.

INDEX, MANIFEST = "/index.html", "/manifest.webmanifest"
ROOT_PATH_FIELD = 'name="progress-root-path"'  # In the page, for the app to read.

# The app's own pages are whatever is none of these; what is missing under them is missing.
NOT_PAGES = frozenset(
    {"api", "assets", "demo", "docs", "docs-assets", "healthz", "metrics", "readyz", "redoc"}
)
# What React compiles <style>{`…`}</style> to, in the quotes of the minifier.
_STYLE_ELEMENT = re.compile(r"[`\"']style[`\"'],\s*\{children:\s*`([^`$\\]+)`")
NOWHERE = "/assets/"  # Nothing has this address.
# What metrics count files under; each other page of the app is one of its pages.
TEMPLATES = (
    (re.compile(r"/"), "/"),
    (re.compile(r"/assets/.*"), "/assets/{file}"),
    (re.compile(r"/demo/media/.*"), "/demo/media/{file}"),
)
HOLDS_IDS = "/courses/"  # Ids may have dots; elsewhere a name with a dot is a file.


class Freshness:
    """An ASGI layer that tells browsers how long a file is good, and what a page may do."""

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
            app: whose responses these are.
            policy: the Content-Security-Policy of pages.
            files: which of them have compressed forms.
            prefixed: by path, the files that name others, where a proxy adds a prefix.
        """
        self._app = app
        self._policy = policy
        self._files = files
        self._prefixed = prefixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; a page or a part of the app gets its headers on the way back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if not may_be_page(path):  # whoever asks: what is not there is a problem, not a page
            headers = [pair for pair in scope["headers"] if not _asks_for_page(*pair)]
            scope = {**scope, "headers": headers}

        if path.startswith("/api/"):
            await self._app(scope, receive, send)
            return
        answer = self._prefixed_file(scope) if self._prefixed else None
        coding, varies = IDENTITY, False
        if answer is None:
            scope, coding, varies = self._compressed(scope)

        async def send_dated(message: Message) -> None:
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

        await (answer or self._app)(scope, receive, send_dated)

    def _prefixed_file(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return None
        if may_be_page(path) and _wants_page(scope):
            path = INDEX
        return self._prefixed.get(path)

    def _compressed(self, scope: Scope) -> tuple[Scope, str, bool]:
        """The request for the best form of a file, its coding, and whether there are others."""
        path = scope["path"].removeprefix(_prefix(scope))
        if self._files.is_form(path):
            return _moved(scope, NOWHERE), IDENTITY, False
        is_fallback = path not in self._files and _wants_page(scope)
        file = INDEX if path == "/" or (is_fallback and may_be_page(path)) else path
        if scope["method"] not in ("GET", "HEAD") or not self._files.varies(file):
            return scope, IDENTITY, False
        headers = Headers(scope=scope)
        # Part of a file means part of what it holds, not of one of its compressed forms.
        is_part = "range" in headers
        accepted = [] if is_part else headers.getlist("accept-encoding")
        coding = self._files.coding_for(file, accepted)
        if coding == IDENTITY:
            return scope, coding, True
        return _moved(scope, file + CODINGS[coding]), coding, True


def prefixed_files(web_app: Path, root_path: str) -> dict[str, Response]:
    """The page and the manifest of *web_app*, with *root_path* before each path that they name."""
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
    """Where the service is mounted, as far as the request's path names it."""
    prefix: str = scope.get("root_path", "")
    return prefix if scope["path"].startswith(f"{prefix}/") else ""


def may_be_page(path: str) -> bool:
    """True for a path that the app in the browser may know, though no file stands there."""
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
            headers.setdefault("Cache-Control", FOR_GOOD)
        elif path == "/sw.js" or is_page:
            headers.setdefault("Cache-Control", ASK_AGAIN)
    if is_page or status == 404:
        headers.add_vary_header("Accept")  # who asks for a page gets one where others get 404


def _inline_styles(web_app: Path) -> set[str]:
    """The contents of the style elements in the built app: the player's skin has two."""
    scripts = (web_app / "assets").glob("*.js")
    return {style for script in scripts for style in _STYLE_ELEMENT.findall(script.read_text())}


def install(app: FastAPI, *, root_path: str = "") -> None:
    """Serve the built web app at ``/`` (or send visitors to /docs) and the demo clips."""
    app.add_middleware(
        Freshness,
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
