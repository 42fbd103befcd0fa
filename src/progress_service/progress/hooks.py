"""What `ProgressStore` calls with the changes it stores; `app` plugs the callables in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from progress_service.progress.merge import Change

OnStored = Callable[[Iterable[Change]], None]
"""Called with changes that were stored; some of them may not have been."""
OnStoring = Callable[[Iterable[Change]], Awaitable[None] | None]
"""Called with changes that are about to be stored.

What it returns runs beside the write. Changes are acknowledged when both are done; if it raises,
their outcome is unknown.
"""


def ignore(_: Iterable[Change]) -> None:
    """Do nothing."""
