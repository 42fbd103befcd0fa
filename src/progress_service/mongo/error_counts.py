"""Counts the errors of the driver by kind."""

from __future__ import annotations

from pymongo.errors import (
    ConnectionFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from progress_service.observability.metrics import current_metrics


def count_error(error: Exception) -> None:
    """Count *error* in the metrics of the app that the current task works for, if there is one."""
    if (metrics := current_metrics.get(None)) is not None:
        metrics.database_errors.labels(kind_of(error)).inc()


def kind_of(error: Exception) -> str:
    """One of few words.

    ``no_server``: no suitable member is known. ``timeout``: no response in time.
    ``connection``: it failed, or the member is no primary now. ``write_concern``: stored, but not
    on the majority yet. ``command``: the server rejected the command.
    """
    if isinstance(error, ServerSelectionTimeoutError):
        return "no_server"
    if isinstance(error, WriteConcernError):
        return "write_concern"
    if isinstance(error, TimeoutError) or (isinstance(error, PyMongoError) and error.timeout):
        return "timeout"
    return "connection" if isinstance(error, ConnectionFailure) else "command"
