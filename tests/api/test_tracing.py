"""One span for each request and each command to the database, in one trace with the caller's."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, format_span_id, format_trace_id
from structlog.testing import capture_logs

from progress_service.app import create_app
from progress_service.edge.health import Readiness
from progress_service.mongo import change_stream
from progress_service.observability.tracing import Tracing
from progress_service.settings import Settings
from tests.builders import a_body, a_course_body, a_webhook_body
from tests.conftest import CallerOf, FakeClock, put_course, running
from tests.operations import ALL, Operation, body_of, queries
from tests.webhook_receiver import a_receiver

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
REPORT = "/api/progress/video/intro/watch-time"
EXPECT_SECONDS = 20.0


class Spans:
    """The spans that ended so far."""

    def __init__(self, sampler: ParentBased | None = None) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def clear(self) -> None:
        self._exporter.clear()

    @property
    def all(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    @property
    def requests(self) -> list[ReadableSpan]:
        return [span for span in self.all if span.kind is SpanKind.SERVER]

    @property
    def commands(self) -> list[ReadableSpan]:
        return [span for span in self.all if attributes_of(span).get("db.system.name")]


def attributes_of(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def trace_of(span: ReadableSpan) -> str:
    return format_trace_id(span.get_span_context().trace_id)  # type: ignore[union-attr]


def parent_of(span: ReadableSpan) -> str | None:
    return format_span_id(span.parent.span_id) if span.parent else None


def id_of(span: ReadableSpan) -> str:
    return format_span_id(span.get_span_context().span_id)  # type: ignore[union-attr]


@pytest.fixture
def spans(request: pytest.FixtureRequest) -> Iterator[Spans]:
    marker = request.node.get_closest_marker("sampler")
    spans = Spans(marker.args[0] if marker else None)
    yield spans
    spans.provider.shutdown()


@pytest.fixture
async def app(
    settings: Settings, clock: FakeClock, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    tracing = Tracing(spans.provider)
    async with running(create_app(settings, now=clock, tracing=tracing)) as app:
        yield app


@pytest.mark.parametrize("operation", ALL, ids=str)
async def test_operation_has_one_span_named_by_its_route(
    caller: CallerOf, demo: None, spans: Spans, operation: Operation
):
    method = operation.method.upper()
    sender = caller(*(("importer", "service") if "/catalog/" in operation.path else ("ana",)))
    spans.clear()

    response = await sender.request(
        method, operation.address, **body_of(operation), params=queries(operation)
    )

    [span] = spans.requests
    assert span.name == f"{method} {operation.path}"
    assert attributes_of(span) == {
        "http.request.method": method,
        "http.route": operation.path,
        "http.response.status_code": response.status_code,
    }
    assert response.headers["traceresponse"].startswith(f"00-{trace_of(span)}-{id_of(span)}-")


async def test_trace_of_the_caller_is_continued_down_to_the_database(
    ana: httpx.AsyncClient, course: object, spans: Spans
):
    spans.clear()

    response = await ana.post(REPORT, json=a_body(), headers={"traceparent": TRACEPARENT})

    assert response.status_code == 200
    [request] = spans.requests
    assert (trace_of(request), parent_of(request)) == (TRACE, PARENT)
    assert {trace_of(span) for span in spans.commands} == {TRACE}
    update = next(span for span in spans.commands if span.name == "update watch_progress")
    assert parent_of(update) == id_of(request)
    assert [format_trace_id(link.context.trace_id) for link in update.links] == [TRACE]
    assert attributes_of(update)["db.collection.name"] == "watch_progress"


async def test_batch_is_one_span_with_links_to_its_requests(
    caller: CallerOf, service: httpx.AsyncClient, course: object, spans: Spans
):
    students = [f"student-{number}" for number in range(20)]
    for student in students:
        path = f"/api/catalog/courses/react/enrollments/{student}"
        (await service.put(path)).raise_for_status()
    spans.clear()

    responses = await asyncio.gather(
        *(caller(student).post(REPORT, json=a_body()) for student in students)
    )

    assert {response.status_code for response in responses} == {200}
    updates = [span for span in spans.commands if span.name == "update watch_progress"]
    linked: list[int] = [link.context.span_id for span in updates for link in span.links]
    requests = [span.get_span_context().span_id for span in spans.requests]  # type: ignore[union-attr]
    assert len(updates) < len(students)
    assert sorted(linked) == sorted(requests)


@pytest.mark.parametrize(
    "given",
    ["", "garbage", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", "é" * 50, "0" * 9_000],
)
async def test_malformed_traceparent_starts_a_new_trace(
    ana: httpx.AsyncClient, course: object, spans: Spans, given: str
):
    spans.clear()

    response = await ana.post(REPORT, json=a_body(), headers={b"traceparent": given.encode()})

    assert response.status_code == 200
    [request] = spans.requests
    assert request.parent is None
    assert trace_of(request) != TRACE


async def test_log_and_response_name_the_trace(anyone: httpx.AsyncClient, spans: Spans):
    with capture_logs() as logged:
        response = await anyone.get("/api/nothing", headers={"traceparent": TRACEPARENT})

    assert response.headers["traceresponse"].split("-")[1] == TRACE
    assert [line["event"] for line in logged] == ["request_completed"]


async def test_failed_request_is_marked(anyone: httpx.AsyncClient, app: FastAPI, spans: Spans):
    del app.services[Readiness]  # type: ignore[attr-defined]

    await anyone.get("/readyz")

    [span] = spans.requests
    assert attributes_of(span)["error.type"] == "500"
    assert not span.status.is_ok


@pytest.mark.sampler(ParentBased(ALWAYS_OFF))
async def test_sampling_is_decided_by_the_caller(
    ana: httpx.AsyncClient, course: object, spans: Spans
):
    spans.clear()

    await ana.post(REPORT, json=a_body())
    assert not spans.all

    await ana.post(REPORT, json=a_body(), headers={"traceparent": TRACEPARENT})
    traced = spans.all
    assert {trace_of(span) for span in traced} == {TRACE}
    assert "update watch_progress" in {span.name for span in traced}


async def test_spans_have_no_ids_and_no_values(
    caller: CallerOf, service: httpx.AsyncClient, spans: Spans
):
    await put_course(service, "secret-course", a_course_body(), students=("secret-student",))
    student = caller("secret-student")
    spans.clear()

    await student.post(REPORT, json=a_body(watch_time=12.345))
    await student.get("/api/progress/course/secret-course")
    await service.get("/api/progress/students/secret-student/course/secret-course?secret=1")
    await service.get("/api/progress/course/secret-course/students?after=secret")

    text = json.dumps([json.loads(span.to_json()) for span in spans.all])
    assert spans.commands
    assert not re.search(r"secret|12\.345", text)


@pytest.mark.settings(webhooks_allow_private_addresses=True)
async def test_trace_is_passed_on_with_the_webhook_it_causes(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: object, spans: Spans
):
    headers = {"traceparent": TRACEPARENT}
    async with a_receiver() as receiver:
        webhook = a_webhook_body(url=receiver.url)
        (await service.put("/api/webhooks/hook", json=webhook)).raise_for_status()

        (await ana.post(REPORT, json=a_body(watch_time=590), headers=headers)).raise_for_status()

        await receiver.wait_for_count(1)
        async with asyncio.timeout(EXPECT_SECONDS):
            while not (sent := [span for span in spans.all if span.name == "deliver webhook"]):
                await asyncio.sleep(0.02)
    assert receiver.received[0].headers["traceparent"] == f"00-{TRACE}-{id_of(sent[0])}-01"
