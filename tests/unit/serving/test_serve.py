"""The configuration that uvicorn is started with."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import pytest
import uvicorn

from progress_service import serving
from progress_service.errors import StartupError
from progress_service.serving.graceful import GracefulServer
from progress_service.testing import free_port
from tests.builders import a_settings


def test_keep_alive_setting_is_passed_to_uvicorn(monkeypatch: pytest.MonkeyPatch):
    configs: list[uvicorn.Config] = []

    class Server:
        def __init__(self, config: uvicorn.Config, **_: Any) -> None:
            configs.append(config)

        def run(self, **_: Any) -> None:
            pass

    monkeypatch.setattr(serving, "GracefulServer", Server)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with socket.socket() as listener:
        for settings in (a_settings(), a_settings(keep_alive_seconds=4)):
            serving.serve(settings, listener, log_format="json")

    assert [config.timeout_keep_alive for config in configs] == [75, 4]


def test_port_is_taken_and_refuses_connections_until_a_worker_listens():
    port = free_port()
    with serving.bind(a_settings(port=port)) as listener, socket.socket() as client:
        before = client.connect_ex(("127.0.0.1", port))
        listener.listen()

        assert before == errno.ECONNREFUSED
        with socket.create_connection(("127.0.0.1", port)):
            pass
        with pytest.raises(StartupError, match="Address already in use"):
            serving.bind(a_settings(port=port)).__enter__()


async def test_server_exits_when_another_process_took_the_port_meanwhile():
    port = free_port()
    with (
        serving.bind(a_settings(port=port)) as ours,
        serving.bind(a_settings(port=port)) as theirs,
    ):
        theirs.listen()
        config = uvicorn.Config(nothing, lifespan="off", log_config=None)
        config.load()
        server = GracefulServer(config)
        server.lifespan = config.lifespan_class(config)

        with pytest.raises(SystemExit) as exit_:
            await server.startup([ours])

    assert exit_.value.code == 3


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that is never called."""
