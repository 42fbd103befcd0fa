"""Servers that do not do what a client hopes for: proxies, overloaded services, silence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

SILENCE_SECONDS = 60


def response(status: str, body: bytes, content_type: str, *, cut: int = 0) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body[: len(body) - cut]


HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
PROBLEM = (
    b'{"type":"t","title":"T","status":500,"detail":"D","code":"internal_error","request_id":"1"}'
)
RETRIED = (
    response("503 Service Unavailable\r\nRetry-After: 0", PROBLEM, "application/problem+json"),
    response("429 Too Many Requests\r\nRetry-After: 1", PROBLEM, "application/problem+json"),
    response("503 Service Unavailable\r\nRetry-After: 0", HTML, "text/html"),
)


@contextmanager
def proxy(*raw_responses: bytes) -> Iterator[str]:
    """The address of a server: the first connection gets the first response, and so on.

    Later connections get the last one again. Without responses it accepts requests and is silent.
    """
    closing = threading.Event()
    following = iter(raw_responses)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            if raw_responses:
                self.wfile.write(next(following, raw_responses[-1]))
            else:
                closing.wait(SILENCE_SECONDS)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            closing.set()
            server.shutdown()
            thread.join()
