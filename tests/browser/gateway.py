"""Something between the browser and the service that can be slow or silent, as networks can."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal[
    "pass", "drop", "silent", "no_body", "bad_gateway", "slow_requests", "slow_responses"
]

BAD_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
UPSTREAM_SECONDS = 30
API = ("/api/", "/progress")
EVERYTHING = ("/",)


class Gateway:
    """Passes requests on. What happens to them can be changed at any time."""

    def __init__(self, upstream: str, *, hidden_headers: frozenset[str] = frozenset()) -> None:
        """Responses never carry the *hidden_headers*, named in small letters."""
        self.upstream = urlsplit(upstream).netloc
        self.dropped_headers = HOP_BY_HOP | hidden_headers
        self._mode: Mode = "pass"
        self._ending = ""
        self._prefixes = API
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
        """From now on, for these paths. Requests that hang are cut off, slow ones go on at once."""
        self._mode, self._ending, self._prefixes = mode, ending, prefixes
        self.delay_seconds = delay_seconds
        changed, self._changed = self._changed, threading.Event()
        changed.set()

    def mode_for(self, path: str) -> tuple[Mode, threading.Event]:
        """What happens to a request now, and the end of that."""
        plain = path.partition("?")[0]
        is_meant = plain.startswith(self._prefixes) and plain.endswith(self._ending)
        return (self._mode if is_meant else "pass"), self._changed


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def handle_any(self) -> None:
        mode, changed = self.gateway.mode_for(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if mode == "silent":
            changed.wait()
            self.close_connection = True
        elif mode == "no_body":
            self._answer(200, [("Content-Type", "application/json")], length=1000)
            changed.wait()
            self.close_connection = True
        elif mode == "bad_gateway":
            self._answer(502, [("Content-Type", "text/html")], length=len(BAD_GATEWAY))
            self.wfile.write(BAD_GATEWAY)
        elif mode == "drop":
            self.close_connection = True
        else:
            delay_seconds = self.gateway.delay_seconds
            if mode == "slow_requests":
                changed.wait(delay_seconds)
            response, content = self._pass_on(body)
            if mode == "slow_responses":
                changed.wait(delay_seconds)
            self._return(response, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any  # noqa: N815

    def _pass_on(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        upstream = http.client.HTTPConnection(self.gateway.upstream, timeout=UPSTREAM_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "upgrade"}
        headers["Connection"] = "close"
        try:
            upstream.request(self.command, self.path, body or None, headers)
            response = upstream.getresponse()
            return response, response.read()
        finally:
            upstream.close()

    def _return(self, response: http.client.HTTPResponse, content: bytes) -> None:
        dropped = self.gateway.dropped_headers
        kept = [pair for pair in response.getheaders() if pair[0].lower() not in dropped]
        self._answer(response.status, kept, length=len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _answer(self, status: int, headers: list[tuple[str, str]], *, length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: pytest shows what matters."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A browser that closes a connection is no news."""


@contextmanager
def gateway(upstream: str, *, hidden_headers: frozenset[str] = frozenset()) -> Iterator[Gateway]:
    """A gateway in front of *upstream*, on a free port of its own."""
    made = Gateway(upstream, hidden_headers=hidden_headers)
    handler = type("Handler", (_Handler,), {"gateway": made})
    with _Server(("127.0.0.1", 0), handler) as server:
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            made.set("pass")
            server.shutdown()
            thread.join()
