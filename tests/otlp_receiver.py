"""A receiver of OTLP over HTTP on 127.0.0.1, which records the spans that it gets."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.tcp_server import tcp_server

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"


class OtlpReceiver:
    """The spans that came in, and the processes that sent them."""

    def __init__(self) -> None:
        self.port = 0
        self.spans: list[Span] = []
        self.instances: set[str] = set()
        self.services: set[str] = set()
        self.targets: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, with any number of requests."""
        while (body := await self._body(reader)) is not None:
            self._note(ExportTraceServiceRequest.FromString(body))
            writer.write(OK)
            await writer.drain()

    async def _body(self, reader: asyncio.StreamReader) -> bytes | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.strip().split("\r\n")
        self.targets.add(first.split(" ")[1])
        headers = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers["content-length"]))
        return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body

    def _note(self, request: ExportTraceServiceRequest) -> None:
        for of_resource in request.resource_spans:
            attributes = {
                one.key: one.value.string_value for one in of_resource.resource.attributes
            }
            self.services.add(attributes["service.name"])
            self.instances.add(attributes["service.instance.id"])
            for scope in of_resource.scope_spans:
                self.spans.extend(scope.spans)


@asynccontextmanager
async def an_otlp_receiver() -> AsyncIterator[OtlpReceiver]:
    """A receiver that accepts everything."""
    receiver = OtlpReceiver()
    async with tcp_server(receiver.serve) as receiver.port:
        yield receiver
