"""A span for each command to the database that a traced request causes."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from progress_service.observability.tracing import Tracing, current_links


class CommandSpans(CommandListener):
    """Starts and ends the spans, on the threads of the driver.

    Each thread runs in the context of the task that waits for it. Commands that no request has
    caused, such as those that look for new events all the time, have no span.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._open: dict[int, Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """A command is sent."""
        if not trace.get_current_span().get_span_context().is_valid:
            return
        name = event.command_name
        collection = event.command.get("collection" if name == "getMore" else name)
        target = collection if isinstance(collection, str) else event.database_name
        attributes: dict[str, str | int] = {
            "db.system.name": "mongodb",
            "db.operation.name": name,
            "db.namespace": event.database_name,
            "server.address": event.connection_id[0],
            "server.port": event.connection_id[1] or 0,
        }
        if isinstance(collection, str):
            attributes["db.collection.name"] = collection
        self._open[event.request_id] = self._tracing.start(
            f"{name} {target}", SpanKind.CLIENT, attributes=attributes, links=current_links()
        )

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """The server has responded."""
        if (span := self._open.pop(event.request_id, None)) is not None:
            span.end()

    def failed(self, event: CommandFailedEvent) -> None:
        """The server has responded with an error, or not in time. Its text may hold values."""
        if (span := self._open.pop(event.request_id, None)) is not None:
            failure = event.failure
            kind = str(failure.get("codeName") or failure.get("errtype") or "error")
            span.set_attribute("error.type", kind)
            span.set_status(StatusCode.ERROR)
            span.end()
