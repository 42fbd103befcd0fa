"""A receiver of webhooks in a process of its own, which can be killed.

``python webhook_process.py PORT FILE SECRET`` verifies each request and appends it to FILE, a line
of JSON each. It responds when the line is on the disk.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from progress_service.child_processes import ends_with_parent
from progress_service.testing import free_port


class WebhookProcess:
    """The process. Its port and its file stay the same across restarts."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._file = folder / "received.ndjson"
        self._process: subprocess.Popen[bytes] | None = None
        self._secret = ""

    @property
    def url(self) -> str:
        """Where it receives events."""
        return f"http://127.0.0.1:{self._port}/events"

    def start(self, secret: str | None = None) -> None:
        """Start it; the *secret* is needed only the first time."""
        self._secret = secret or self._secret
        command = [sys.executable, __file__, str(self._port), str(self._file), self._secret]
        self._process = subprocess.Popen(command, preexec_fn=ends_with_parent(signal.SIGKILL))

    def kill(self) -> None:
        """SIGKILL: no request is completed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def received(self) -> list[dict[str, Any]]:
        """The requests, with ``id`` and ``body``; a line that was cut off by a kill is omitted."""
        lines = self._file.read_text().split("\n") if self._file.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]


@contextmanager
def webhook_process(folder: Path) -> Iterator[WebhookProcess]:
    """A receiver that is not started yet; killed at the end of the block."""
    process = WebhookProcess(folder)
    try:
        yield process
    finally:
        process.kill()


def serve(port: int, file: Path, secret: str) -> None:
    """Receive events for ever."""
    verifier, lock = Webhook(secret), threading.Lock()
    # A kill may have cut off the last line.
    out = file.open("a")
    out.write("\n")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(size := int(self.headers["content-length"]))
            if len(content) < size:  # The sender was killed.
                return
            body = verifier.verify(content, dict(self.headers))
            with lock:
                out.write(json.dumps({"id": self.headers["webhook-id"], "body": body}) + "\n")
                out.flush()
                os.fsync(out.fileno())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
