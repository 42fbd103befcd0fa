"""OpenTelemetry traces: one span for each request, and for each command to the database.

Off unless it is asked for, see `trace_export`. The W3C trace context of a request is accepted, and
passed on with the requests that it causes. Attributes never contain ids of people, paths or bodies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, Token
from importlib.metadata import version
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# Without baggage: what a client puts there does not concern the receivers of our requests.
_PROPAGATOR = TraceContextTextMapPropagator()
_LINKS = otel_context.create_key("progress_service.links")
_HEADERS = {b"traceparent": "traceparent", b"tracestate": "tracestate"}

Headers = Iterable[tuple[bytes, bytes]]


class Tracing:
    """Makes the spans of one app; none without a provider."""

    def __init__(
        self, provider: trace.TracerProvider | None, *, flush: Callable[[], None] = lambda: None
    ) -> None:
        """
        Args:
            provider: of OpenTelemetry's SDK or of a vendor.
            flush: sends the last spans, at the end; may block for a while.
        """
        self._flush = flush
        self._tracer = (
            provider.get_tracer("progress_service", version("progress-service"))
            if provider is not None
            else None
        )

    @property
    def is_on(self) -> bool:
        """Whether spans are made."""
        return self._tracer is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The tasks that are started in this block are traced."""
        if not self.is_on:
            yield
            return
        current_tracing.set(self)
        try:
            yield
        finally:
            await asyncio.to_thread(self._flush)

    def start(self, name: str, kind: SpanKind, **given: Any) -> Span:
        """A new span, which the caller ends."""
        assert self._tracer is not None  # noqa: S101 - it is on
        return self._tracer.start_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False, **given
        )


current_tracing: ContextVar[Tracing] = ContextVar("current_tracing")
"""What makes the spans of the current task; unset where tracing is off."""


class RequestSpan:
    """The span of one request: current from its creation to `end`."""

    __slots__ = ("_span", "_token")

    def __init__(self, tracing: Tracing, method: str, headers: Headers) -> None:
        current_tracing.set(tracing)
        parent = _PROPAGATOR.extract(_trace_headers_in(headers), Context())
        self._span = tracing.start(method, SpanKind.SERVER, context=parent)
        self._token: Token[Context] = otel_context.attach(
            trace.set_span_in_context(self._span, parent)
        )

    @property
    def response_header(self) -> tuple[bytes, bytes]:
        """``traceresponse``, by which a client finds the trace (W3C Trace Context, level 2)."""
        return b"traceresponse", _text_of(self._span.get_span_context()).encode()

    def end(self, *, method: str, route: str, status: int) -> None:
        """The response was sent, or the client is gone."""
        span = self._span
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
        )
        if status >= 500:
            span.set_attribute("error.type", str(status))
            span.set_status(StatusCode.ERROR)
        span.end()
        otel_context.detach(self._token)


def current_caller() -> SpanContext | None:
    """The current span, if it is recorded somewhere; for `in_batch` and `trace_parent`."""
    if current_tracing.get(None) is None:
        return None
    found = trace.get_current_span().get_span_context()
    return found if found.is_valid and found.trace_flags.sampled else None


@contextmanager
def in_batch(callers: Sequence[SpanContext | None]) -> Iterator[None]:
    """Spans in this block belong to the first of *callers* that is traced, with links to all."""
    if current_tracing.get(None) is None and not any(callers):
        yield
        return
    traced = [caller for caller in callers if caller is not None]
    context = Context()
    if traced:
        context = trace.set_span_in_context(NonRecordingSpan(traced[0]), context)
        context = otel_context.set_value(_LINKS, [Link(caller) for caller in traced], context)
    token = otel_context.attach(context)
    try:
        yield
    finally:
        otel_context.detach(token)


def current_links() -> list[Link]:
    """The links of spans in the block of `in_batch`."""
    links: Any = otel_context.get_value(_LINKS)
    return links or []


@contextmanager
def client_span(
    name: str, attributes: Mapping[str, str], *, parents: Sequence[str | None] = ()
) -> Iterator[None]:
    """A span of a request that this service sends, with `trace_headers`.

    Args:
        name: of few values.
        attributes: without ids of people.
        parents: the `trace_parent` of each thing that the request is about. The span belongs to the
            first, with links to all; without any, to the current span.
    """
    tracing = current_tracing.get(None)
    if tracing is None:
        yield
        return
    contexts = [context for text in parents if (context := _context_of(text)) is not None]
    parent = (
        trace.set_span_in_context(NonRecordingSpan(contexts[0]), Context()) if contexts else None
    )
    links = [Link(context) for context in contexts]
    span = tracing.start(name, SpanKind.CLIENT, context=parent, attributes=attributes, links=links)
    token = otel_context.attach(trace.set_span_in_context(span, parent))
    try:
        yield
    except BaseException as error:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        span.end()
        otel_context.detach(token)


def trace_headers() -> dict[str, str]:
    """The headers that pass the current trace context on; none where tracing is off."""
    headers: dict[str, str] = {}
    if current_tracing.get(None) is not None:
        _PROPAGATOR.inject(headers)
    return headers


def trace_parent() -> str | None:
    """The current span as text, to continue its trace later, in any process."""
    found = current_caller()
    return _text_of(found) if found is not None else None


def trace_ids() -> dict[str, str]:
    """``trace_id`` and ``span_id`` of the current span, for logs."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(found.trace_id),
        "span_id": trace.format_span_id(found.span_id),
    }


def _trace_headers_in(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if (key := _HEADERS.get(name)) is not None:
            text = value.decode("latin-1")
            # Several lines of `tracestate` are one list; several parents are none.
            found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _text_of(span: SpanContext) -> str:
    return (
        f"00-{trace.format_trace_id(span.trace_id)}-{trace.format_span_id(span.span_id)}"
        f"-{span.trace_flags:02x}"
    )


def _context_of(text: str | None) -> SpanContext | None:
    if text is None:
        return None
    found = trace.get_current_span(_PROPAGATOR.extract({"traceparent": text}, Context()))
    context = found.get_span_context()
    return context if context.is_valid else None
