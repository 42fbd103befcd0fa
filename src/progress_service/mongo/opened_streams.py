"""Notices that the driver has opened a change stream again."""

from __future__ import annotations

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)


class OpenedStreams(CommandListener):
    """Counts how often a stream was opened: the driver also reopens it by itself, silently."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        """A command was sent; of these clients, only streams send this one."""
        self.count += event.command_name == "aggregate"

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not used."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not used."""
