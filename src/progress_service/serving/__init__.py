"""Listens, then runs uvicorn; a port in use is one clear error message."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from progress_service.errors import StartupError
from progress_service.observability import shared_metrics
from progress_service.serving.graceful import GracefulServer, Workers
from progress_service.serving.http_protocol import HttpProtocol
from progress_service.serving.websocket_protocol import WebSocketProtocol
from progress_service.settings import Settings

GRACEFUL_SECONDS = 6  # Longer than any request may take, so that each gets its response.
SEND_BUFFER_BYTES = 65_536
STUCK_PEER_MILLISECONDS = 15_000
BACKLOG = 2_048
MAX_FRAME_BYTES = 16_384  # A token and a cursor, and nothing much larger.
PING_SECONDS = 20.0
WORKER_SECONDS = 15  # A worker on a busy machine responds to its parent this late.


@contextmanager
def listen(settings: Settings) -> Iterator[socket.socket]:
    """A listening socket on the configured address.

    Raises:
        StartupError: the address is in use, or not of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets inherit these: a peer that stops reading is dropped, and uses no memory.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_PEER_MILLISECONDS)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        remedy = (
            "stop what uses it, or choose another with --port or PROGRESS_PORT."
            if error.errno == errno.EADDRINUSE
            else "choose an address of this machine with --host, a port you may use with --port."
        )
        raise StartupError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}); {remedy}"
        ) from error
    with listener:
        listener.set_inheritable(True)
        yield listener


def address(settings: Settings, listener: socket.socket) -> str:
    """The URL to open in a browser."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def serve(
    settings: Settings, listener: socket.socket, *, log_format: str, drains: bool = True
) -> None:
    """Run uvicorn on *listener* until it is stopped.

    Workers build their own app from the environment, so the settings are written there.

    Args:
        settings: where, and with how many workers.
        listener: an open port.
        log_format: of the log, unless the settings name one.
        drains: whether load balancers get time to send requests elsewhere before it stops.
    """
    secret, uri = settings.jwt_secret, settings.mongodb_uri
    os.environ["PROGRESS_LOG_FORMAT"] = settings.log_format or log_format
    if secret is not None:
        os.environ["PROGRESS_JWT_SECRET"] = secret.get_secret_value()
    if uri is not None:
        os.environ["PROGRESS_MONGODB_URI"] = uri.get_secret_value()
    config = uvicorn.Config(
        "progress_service.app:create_served_app",
        factory=True,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        ws_max_size=MAX_FRAME_BYTES,
        # A window for each of ten thousand sockets takes too much memory.
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
    )
    if settings.workers > 1:
        with shared_metrics.created_folder():
            Workers(config, sockets=[listener]).run()
    else:
        GracefulServer(config, drains=drains).run(sockets=[listener])
