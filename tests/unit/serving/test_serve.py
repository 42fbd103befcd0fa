"""The configuration that uvicorn is started with."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
import uvicorn

from progress_service import serving
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
