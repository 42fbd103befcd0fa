"""All that the alerts are about: database, two instances, Prometheus, and what they talk to."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from jose import jwk

from progress_service.testing import UNLIMITED, ServiceProcess, free_port, prepare
from tests.faults.webhook_process import WebhookProcess, webhook_process
from tests.security.hostile_tokens import public_bytes, rsa_key
from tests.tcp_server import tcp_server
from tests.webhook_receiver import Receiver, a_receiver

from .database import SERVICE, SIDE, SecuredSet, secured_set, small_disk
from .prometheus_server import Prometheus, prometheus_server
from .side_service import CLOCK, side_settings

KEY_ID = "of-the-provider"
ROOT = Path(__file__).parents[3]
MONGOSH = Path(__file__).parent / "npm/node_modules/.bin/mongosh"
FUNCTIONS = """
restart_service() { curl -fsS -X POST "$CONTROL/restart-service" -d "$INSTANCE"; }
restart_node() { curl -fsS -X POST "$CONTROL/restart-node" -d "$1"; }
restart_identity_provider() { curl -fsS -X POST "$CONTROL/restart-identity-provider"; }
set_clock() { curl -fsS -X POST "$CONTROL/set-clock"; }
"""
COMMAND_SECONDS = 120.0


class IdentityProvider:
    """Publishes its keys at an address that can be shut down and started again."""

    def __init__(self) -> None:
        self._port = free_port()
        self._running = AsyncExitStack()
        self.url = f"http://127.0.0.1:{self._port}/jwks"
        public = jwk.construct(public_bytes(rsa_key()), "RS256").to_dict()
        entry = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in public.items()
        }
        self._document = json.dumps({"keys": [{**entry, "kid": KEY_ID}]})

    async def start(self) -> None:
        await self._running.enter_async_context(tcp_server(self._serve, port=self._port))

    async def stop(self) -> None:
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_response(self._document))
        await writer.drain()


@dataclass
class Environment:
    """What runs, and where."""

    folder: Path
    database: SecuredSet
    service: ServiceProcess
    side: ServiceProcess
    prometheus: Prometheus
    receiver: WebhookProcess
    identity_provider: IdentityProvider
    gone: Receiver
    disk: Path
    control_url: str = ""

    def instance(self, service: ServiceProcess) -> str:
        """The label of its metrics."""
        return service.address.removeprefix("http://")

    async def run(self, commands: str, variables: Mapping[str, str]) -> None:
        """Run commands of the runbook, as an operator who has set its variables.

        Raises:
            AssertionError: a command failed; with its output.
        """
        functions = self.folder / "functions.sh"
        functions.write_text(FUNCTIONS)
        given = {
            "PROGRESS_URL": self.service.address,
            "SERVICE_TOKEN": self.service.token("operator", "service"),
            "ADMIN_URI": self.database.admin_uri,
            "DATABASE_USER": SERVICE,
            "DATABASE_NAME": SERVICE,
            "DATABASE_NODES": " ".join(self.database.node_names()),
            "DATABASE_FILES": str(self.disk),
            "JWKS_URL": self.identity_provider.url,
            "INSTANCES": f"{self.instance(self.service)} {self.instance(self.side)}",
            "INSTANCE": self.instance(self.service),
            "CONTROL": self.control_url,
            "BASH_ENV": str(functions),
            "PATH": f"{MONGOSH.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            **variables,
        }
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", commands),
            cwd=tempfile.mkdtemp(dir=self.folder),
            env=given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
        assert process.returncode == 0, f"{commands}\n{output.decode()}"

    async def restart(self, service: ServiceProcess) -> None:
        """Stop it if it runs, and start it again."""
        await asyncio.to_thread(service.end)
        service.start()
        await asyncio.to_thread(service.wait_until_ready)

    async def control(self, path: str, body: str) -> None:
        """What the functions of the shell do."""
        actions: dict[str, Callable[[], Awaitable[None]]] = {
            "/restart-service": lambda: self.restart(
                self.side if body == self.instance(self.side) else self.service
            ),
            "/restart-node": lambda: asyncio.to_thread(self.database.stop, body),
            "/restart-identity-provider": self.identity_provider.start,
            "/set-clock": self._set_clock,
        }
        await actions[path]()
        if path == "/restart-node":
            self.database.start(body)  # in the main thread: the process ends with its thread

    async def _set_clock(self) -> None:
        (self.side.folder / CLOCK).write_text("0")


@asynccontextmanager
async def environment(folder: Path, *, full: bool) -> AsyncIterator[Environment]:
    """Everything started; *full* with a small disk, and at a slower pace."""
    async with AsyncExitStack() as stack:
        disk = folder / "database"
        disk.mkdir()
        if full:
            disk = stack.enter_context(small_disk(folder))
        database = stack.enter_context(secured_set(disk))
        receiver = stack.enter_context(webhook_process(folder))
        gone = await stack.enter_async_context(a_receiver())
        provider = IdentityProvider()
        await provider.start()
        stack.push_async_callback(provider.stop)
        settings = {
            **UNLIMITED,
            "PROGRESS_MONGODB_URI": database.uri_of(SERVICE),
            "PROGRESS_WORKERS": "2",
            "PROGRESS_JWT_ALGORITHMS": "HS256,RS256",
            "PROGRESS_JWT_JWKS_URL": provider.url,
            "PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
        }
        service = ServiceProcess(folder / "service", ["serve"], settings=settings)
        own = side_settings(folder / "side")
        settings = {**UNLIMITED, "PROGRESS_MONGODB_URI": database.uri_of(SIDE), **own}
        side = ServiceProcess(folder / "side", ["serve"], settings=settings)
        for one in (service, side):
            await asyncio.to_thread(prepare, one)
            one.start()
            stack.callback(one.end)
            await asyncio.to_thread(one.wait_until_ready)
        targets = [one.address.removeprefix("http://") for one in (service, side)]
        interval_seconds = 5 if full else 1
        port = stack.enter_context(
            prometheus_server(folder / "prometheus", targets, interval_seconds=interval_seconds)
        )
        prometheus = Prometheus(port, interval_seconds=interval_seconds)
        stack.push_async_callback(prometheus.close)
        running = Environment(
            folder, database, service, side, prometheus, receiver, provider, gone, disk
        )
        control_port = await stack.enter_async_context(tcp_server(_control(running)))
        running.control_url = f"http://127.0.0.1:{control_port}"
        yield running


def _control(
    running: Environment,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = head.partition("content-length: ")[2].partition("\r\n")[0]
        body = (await reader.readexactly(int(size or 0))).decode()
        await running.control(head.split(" ")[1], body)
        writer.write(_response(""))
        await writer.drain()

    return serve


def _response(body: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()
