"""Change streams that break: shared by the tests of the stream and of the feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymongo.change_stream
import pytest

from progress_service.mongo import change_stream


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    monkeypatch.setattr(change_stream, "RETRY_SECONDS", 0.05)


@pytest.fixture
def break_once(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The next poll of a stream of that database fails, after *meanwhile* was run."""
    original = pymongo.change_stream.DatabaseChangeStream.try_next

    def arrange(
        database_name: str, error: Exception, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        broken: list[bool] = []

        def try_next(self: Any) -> Any:
            if not broken and self._target.name == database_name:
                broken.append(True)
                meanwhile()
                raise error
            return original(self)

        monkeypatch.setattr(pymongo.change_stream.DatabaseChangeStream, "try_next", try_next)

    return arrange
