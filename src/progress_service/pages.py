"""What browsers load, and for how long it is good: the web app, and the clips of the demo."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WEB_APP = Path(__file__).parent / "static"
DEMO_MEDIA = Path(__file__).parent / "demo" / "media"

# Names of assets hold a hash of what is in them. The page and the service worker keep their names,
# so a browser asks whether they changed: a new version is there at the next visit.
FOR_GOOD, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


class Freshness:
    """An ASGI layer that tells browsers how long a file of the web app is good."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; a page or a part of the app gets its header on the way back."""
        path = scope.get("path", "")
        if path.startswith("/api/"):  # whoever asks: what is not there is a problem, not a page
            headers = [(name, value) for name, value in scope["headers"] if name != b"accept"]
            scope = {**scope, "headers": headers}

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                headers = MutableHeaders(scope=message)
                if path.startswith("/assets/"):
                    headers.setdefault("Cache-Control", FOR_GOOD)
                elif path == "/sw.js" or headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Cache-Control", ASK_AGAIN)
            await send(message)

        await self._app(scope, receive, send_dated if scope["type"] == "http" else send)


def install(app: FastAPI) -> None:
    """Serve the built web app at ``/`` (or send visitors to /docs) and the demo clips."""
    app.add_middleware(Freshness)
    app.mount("/demo/media", StaticFiles(directory=DEMO_MEDIA), name="demo-media")
    if (WEB_APP / "index.html").is_file():
        app.frontend("/", directory=WEB_APP, fallback="index.html")
        return

    @app.get("/", include_in_schema=False)
    async def to_docs() -> RedirectResponse:
        return RedirectResponse("/docs")
