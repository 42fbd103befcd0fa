"""A path prefix at the proxy, whether the proxy takes it off or passes it on."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RootPathMiddleware:
    """ASGI middleware that removes the prefix from paths, and adds it to redirects."""

    def __init__(self, app: ASGIApp, root_path: str, *, is_known: Callable[[str], bool]) -> None:
        """
        Args:
            app: knows nothing of the prefix.
            root_path: like ``/learn``.
            is_known: whether a path is one of ours without a prefix. Under the prefix ``/progress``
                the socket ``/progress`` is, where the proxy has taken the prefix off already.
        """
        self._app = app
        self._root_path = root_path
        self._is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on under the path that the app knows."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == self._root_path and scope["type"] == "http":
            await RedirectResponse(f"{self._root_path}/")(scope, receive, send)
            return
        if path.startswith(f"{self._root_path}/") and not self._is_known(path):
            # In place: the server writes into the same scope when the request is complete.
            scope["path"] = path.removeprefix(self._root_path)
            scope["raw_path"] = scope["raw_path"].removeprefix(self._root_path.encode())

        async def send_redirected(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                message["headers"] = [*map(self._redirected, message.get("headers", ()))]
            await send(message)

        await self._app(scope, receive, send_redirected)

    def _redirected(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        name, value = header
        if name.lower() != b"location":
            return header
        parts = urlsplit(value.decode("latin-1"))
        if not parts.path.startswith(f"{self._root_path}/"):
            parts = parts._replace(path=self._root_path + parts.path)
        return name, urlunsplit(parts).encode("latin-1")
