"""`serve` sends the traces of all its workers to a collector, and works without one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from progress_service.testing import ServiceProcess
from tests.builders import SECRET
from tests.otlp_receiver import an_otlp_receiver
from tests.processes import is_one_sentence, run

TRACES = 20
EXPORT_SECONDS = 30.0


@contextmanager
def traced_service(folder: Path, uri: str, **given: str) -> Iterator[ServiceProcess]:
    """`serve` with two workers and these variables of OpenTelemetry."""
    settings = {
        "PROGRESS_JWT_SECRET": SECRET,
        "PROGRESS_MONGODB_URI": uri,
        "PROGRESS_MONGODB_DATABASE": f"traces_{uuid.uuid4().hex}",
        "PROGRESS_WORKERS": "2",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        **given,
    }
    prepared = run(folder, "prepare-db", settings=settings)
    assert prepared.returncode == 0, prepared.stderr
    service = ServiceProcess(folder / "service", ["serve"], settings=settings)
    service.start()
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.end()


def trace_id(number: int) -> str:
    return f"{number + 1:032x}"


async def send(service: ServiceProcess) -> None:
    """Requests that read the database, each in a trace and over a connection of its own."""

    async def send_one(number: int) -> None:
        headers = service.headers("ana")
        headers["traceparent"] = f"00-{trace_id(number)}-00f067aa0ba902b7-01"
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client:
            response = await client.get(f"{service.address}/api/progress/courses", headers=headers)
        assert response.status_code == 200
        assert response.headers["traceresponse"].split("-")[1] == trace_id(number)

    await asyncio.gather(*map(send_one, range(TRACES)))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(EXPORT_SECONDS):
        while not condition():
            await asyncio.sleep(0.05)


async def test_every_worker_sends_its_spans_to_the_collector(tmp_path: Path, mongodb_uri: str):
    async with an_otlp_receiver() as collector:
        endpoint = f"http://127.0.0.1:{collector.port}"
        with traced_service(tmp_path, mongodb_uri, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as service:
            await send(service)

            def requests() -> set[str]:
                return {
                    span.trace_id.hex()
                    for span in collector.spans
                    if span.name == "GET /api/progress/courses"
                }

            await until(lambda: requests() == {trace_id(number) for number in range(TRACES)})
            async with asyncio.timeout(EXPORT_SECONDS):
                while len(collector.instances) < 2:  # one worker may accept all of them
                    await send(service)

            commands = [span for span in collector.spans if span.kind == Span.SPAN_KIND_CLIENT]
            assert requests() <= {span.trace_id.hex() for span in commands}
            assert collector.services == {"progress-service"}
            assert collector.targets == {"/v1/traces"}
            assert "ana" not in str(collector.spans)


async def test_unreachable_collector_fails_no_request_and_no_stop(tmp_path: Path, mongodb_uri: str):
    with traced_service(
        tmp_path,
        mongodb_uri,
        PROGRESS_WORKERS="1",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
    ) as service:
        await send(service)

        service.stop()


def test_unsupported_exporter_is_an_error_at_the_start(tmp_path: Path, mongodb_uri: str):
    refused = run(
        tmp_path,
        "serve",
        settings={"PROGRESS_MONGODB_URI": mongodb_uri, "OTEL_TRACES_EXPORTER": "zipkin"},
    )

    assert refused.returncode != 0
    assert is_one_sentence(refused.stderr)
    assert "use otlp or none" in refused.stderr
