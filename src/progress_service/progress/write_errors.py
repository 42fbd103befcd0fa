"""Why a change was not stored."""

from __future__ import annotations

from pymongo.errors import WriteError

from progress_service.errors import Erased
from progress_service.mongo.client import unavailable
from progress_service.progress import coverage
from progress_service.progress.merge import Change, ReportChange

ERASED = -1
"""In place of an error code of the database: the student's data was erased."""


class NeedsReplacing(Exception):
    """The update cannot add these spans or this session; call `ProgressStore.replace`."""


def not_stored(code: int, change: Change) -> Exception:
    """The error of *change*, from the code of its statement."""
    if code == ERASED:
        return Erased()
    if code == coverage.FAILED and isinstance(change, ReportChange):
        return NeedsReplacing()
    return unavailable(WriteError("rejected", code), operation=f"save progress (code {code})")
