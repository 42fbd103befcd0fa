"""Logging, metrics and request ids. No token, position or body ever reaches a log line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LogFormat = Literal["console", "json"]


current_request_id: ContextVar[str] = ContextVar("current_request_id")
"""The id of the request that is being answered; every task has its own."""


def _add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request_id := current_request_id.get(None)) is not None:
        event.setdefault("request_id", request_id)
    return event


def get_logger(name: str) -> Any:
    """A logger that takes fields, not sentences: ``log.info("group_committed", updates=3)``."""
    return structlog.get_logger(name)


def configure_logging(log_format: LogFormat) -> None:
    """Send our events and those of the libraries to stderr, one line each."""
    shared: list[Any] = [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "pymongo", "uvicorn.access", "slowapi"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def no_warnings() -> Iterator[None]:
    """For a command that says in its own words what is wrong, and then ends."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


class Metrics:
    """What operators watch. One registry for each app, so that two apps in a process can live."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "progress_http_requests_total",
            "Answered requests.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._latency = Histogram(
            "progress_http_request_seconds",
            "Time to answer.",
            ["route"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.group_sizes = Histogram(
            "progress_group_size",
            "Calls that shared one trip to the database; `kind` is write or read.",
            ["kind"],
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
            registry=self.registry,
        )
        self.group_refused = Counter(
            "progress_group_refused_total",
            "Calls refused because too many were waiting.",
            ["kind"],
            registry=self.registry,
        )

        self.sockets = Gauge("progress_sockets", "Open sockets.", registry=self.registry)
        self.resyncs = Counter(
            "progress_resyncs_total",
            "Times that changes may have been missed and every listener started over.",
            registry=self.registry,
        )

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; *route* is the template, so the series stay few."""
        series = self._series.get((method, route, status))
        if series is None:  # looking labels up costs more than counting
            counter = self._requests.labels(method, route, str(status))
            series = self._series[method, route, status] = (counter, self._latency.labels(route))
        series[0].inc()
        series[1].observe(seconds)

    def exposition(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self.registry)
