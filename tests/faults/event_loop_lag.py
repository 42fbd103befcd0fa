"""``progress-service`` with a ticker in its event loop; writes the lag of each tick at the end.

The kernel reports how long each thread was runnable without a processor; any of them may hold the
GIL meanwhile. The machine causes these waits, so all waits within a tick are subtracted; the rest
is blocking inside the process.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from progress_service import app as app_module
from progress_service.cli.main import main

TICK_SECONDS = 0.01
REPORT = Path("event_loop_lag.json")
TASKS = "/proc/self/task"
_create_served_app = app_module.create_served_app


def create_measured_app() -> FastAPI:
    """The served app, with a ticker that runs during its lifespan."""
    app = _create_served_app()
    lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def measured_lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with lifespan(app) as state:
            lags: list[tuple[float, float]] = []
            ticker = asyncio.create_task(_measure_lag(lags))
            try:
                yield state
            finally:
                ticker.cancel()
                REPORT.write_text(json.dumps(lags))

    app.router.lifespan_context = measured_lifespan
    return app


async def _measure_lag(lags: list[tuple[float, float]]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, before = loop.time() + TICK_SECONDS, _waited_seconds()
        await asyncio.sleep(TICK_SECONDS)
        lag, after = loop.time() - due, _waited_seconds()
        waited = sum(seconds - before.get(thread, 0) for thread, seconds in after.items())
        lags.append((lag, max(0.0, lag - waited)))


def _waited_seconds() -> dict[str, float]:
    """Thread → seconds it was runnable without a processor."""
    waited = {}
    for thread in os.listdir(TASKS):
        with suppress(OSError), open(f"{TASKS}/{thread}/schedstat") as schedule:  # may have exited
            waited[thread] = int(schedule.read().split()[1]) / 1e9
    return waited


if __name__ == "__main__":
    app_module.create_served_app = create_measured_app
    main()
