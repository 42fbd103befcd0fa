"""Logs, and the request id in them. Log events never contain tokens, positions or bodies."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import structlog

from progress_service.observability.tracing import trace_ids

LogFormat = Literal["console", "json"]


current_request_id: ContextVar[str] = ContextVar("current_request_id")
"""The id of the current request; each task has its own."""


def _add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request_id := current_request_id.get(None)) is not None:
        event.setdefault("request_id", request_id)
    return event


def _add_trace_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.update(trace_ids())
    return event


def get_logger(name: str) -> Any:
    """A logger that takes fields, not sentences: ``log.info("batch_written", updates=3)``."""
    return structlog.get_logger(name)


def configure_logging(log_format: LogFormat) -> None:
    """Write log events of the service and its libraries to stderr, one per line."""
    shared: list[Any] = [
        _add_request_id,
        _add_trace_ids,
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
    for chatty in ("httpx", "httpcore", "pymongo", "uvicorn.access", "slowapi"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def silenced() -> Iterator[None]:
    """Suppress warnings, for a command that prints its own error and exits."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
