"""The readiness check of a process that stops."""

from __future__ import annotations

import pytest
from fastapi import Request

from progress_service.edge.health import IS_DRAINING, get_readiness
from progress_service.errors import Unavailable


async def test_draining_process_is_not_ready():
    request = Request({"type": "http", "state": {IS_DRAINING: True}})

    with pytest.raises(Unavailable, match="stops"):
        await get_readiness(request)
