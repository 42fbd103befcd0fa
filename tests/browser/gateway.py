"""A gateway between the browser and the service that can be slow or unresponsive."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal[
    "pass", "drop", "unresponsive", "no_body", "bad_gateway", "slow_requests", "slow_responses"
]

BAD_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
UPSTREAM_SECONDS = 30
API = ("/api/", "/progress")
EVERYTHING = ("/",)


class Gateway:
    """Forwards requests; the mode can be changed at any time."""

    def __init__(self, upstream: str, *, hidden_headers: frozenset[str] = frozenset()) -> None:
        """Responses never contain the *hidden_headers*, given in lower case."""
        self.upstream = urlsplit(upstream).netloc
        self.dropped_headers = HOP_BY_HOP | hidden_headers
        self._mode: Mode = "pass"
        self._ending = ""
        self._prefixes: tuple[str, ...] = API
        self.delay_seconds = 0.0
        self._changed = threading.Event()
        self.address = ""

    def set(
        self,
        mode: Mode,
        *,
        ending: str = "",
        prefixes: tuple[str, ...] = API,
        delay_seconds: float = 0.0,
    ) -> None:
        """Set the mode of these paths. Ends hanging requests, and the delay of the others."""
        self._mode, self._ending, self._prefixes = mode, ending, prefixes
        self.delay_seconds = delay_seconds
        changed, self._changed = self._changed, threading.Event()
        changed.set()

    def mode_for(self, path: str) -> tuple[Mode, threading.Event]:
        """The mode of a request, and the event that ends the mode."""
        path_only = path.partition("?")[0]
        is_affected = path_only.startswith(self._prefixes) and path_only.endswith(self._ending)
        return (self._mode if is_affected else "pass"), self._changed


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def handle_any(self) -> None:
        mode, changed = self.gateway.mode_for(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if mode == "unresponsive":
            changed.wait()
            self.close_connection = True
        elif mode == "no_body":
            self._send_head(200, [("Content-Type", "application/json")], length=1000)
            changed.wait()
            self.close_connection = True
        elif mode == "bad_gateway":
            self._send_head(502, [("Content-Type", "text/html")], length=len(BAD_GATEWAY))
            self.wfile.write(BAD_GATEWAY)
        elif mode == "drop":
            self.close_connection = True
        else:
            delay_seconds = self.gateway.delay_seconds
            if mode == "slow_requests":
                changed.wait(delay_seconds)
            response, content = self._forward(body)
            if mode == "slow_responses":
                changed.wait(delay_seconds)
            self._relay(response, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any  # noqa: N815

    def _forward(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        upstream = http.client.HTTPConnection(self.gateway.upstream, timeout=UPSTREAM_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "upgrade"}
        headers["Connection"] = "close"
        try:
            upstream.request(self.command, self.path, body or None, headers)
            response = upstream.getresponse()
            return response, response.read()
        finally:
            upstream.close()

    def _relay(self, response: http.client.HTTPResponse, content: bytes) -> None:
        dropped = self.gateway.dropped_headers
        headers = [pair for pair in response.getheaders() if pair[0].lower() not in dropped]
        self._send_head(response.status, headers, length=len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_head(self, status: int, headers: list[tuple[str, str]], *, length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore connections that a browser closes."""


@contextmanager
def gateway(upstream: str, *, hidden_headers: frozenset[str] = frozenset()) -> Iterator[Gateway]:
    """A gateway in front of *upstream*, on a free port of its own."""
    instance = Gateway(upstream, hidden_headers=hidden_headers)
    handler = type("Handler", (_Handler,), {"gateway": instance})
    with _Server(("127.0.0.1", 0), handler) as server:
        instance.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield instance
        finally:
            instance.set("pass")
            server.shutdown()
            thread.join()
