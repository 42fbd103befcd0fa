"""Measures each command to the database, on the thread of the driver that sends it."""

from __future__ import annotations

from prometheus_client import Histogram
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from progress_service.observability.metrics import in_ticks


class CommandTimer(CommandListener):
    """Observes the duration of each command, whatever its outcome, by its name."""

    def __init__(self, seconds: Histogram) -> None:
        self._seconds = seconds
        self._by_name: dict[str, Histogram] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Not used."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """The server has responded."""
        self._observe(event.command_name, event.duration_micros)

    def failed(self, event: CommandFailedEvent) -> None:
        """The server has responded with an error, or not in time."""
        self._observe(event.command_name, event.duration_micros)

    def _observe(self, name: str, microseconds: int) -> None:
        series = self._by_name.get(name)
        if series is None:
            series = self._by_name[name] = self._seconds.labels(name)
        series.observe(in_ticks(microseconds / 1_000_000))
