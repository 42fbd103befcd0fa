"""``progress-service`` with a ticker in its event loop; how late it was is written at the end.

The kernel says how long each thread was ready but had no processor; any of them may hold the
interpreter's lock then, one after another. That is the machine's fault, so all such waits within a
tick are taken off: what stays is blocking inside the process.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI

from progress_service import app as parts
from progress_service.cli import main

TICK_SECONDS = 0.01
REPORT = Path("ticker.json")
TASKS = "/proc/self/task"
_create_served_app = parts.create_served_app


def create_ticking_app() -> FastAPI:
    """The served app; its ticker runs while it is served."""
    app = _create_served_app()
    lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def ticking(app: FastAPI) -> AsyncIterator[object]:
        async with lifespan(app) as state:
            lateness: list[tuple[float, float]] = []
            ticker = asyncio.create_task(_tick(lateness))
            try:
                yield state
            finally:
                ticker.cancel()
                REPORT.write_text(json.dumps(lateness))

    app.router.lifespan_context = ticking
    return app


async def _tick(lateness: list[tuple[float, float]]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, before = loop.time() + TICK_SECONDS, _waited_seconds()
        await asyncio.sleep(TICK_SECONDS)
        late, after = loop.time() - due, _waited_seconds()
        waited = sum(seconds - before.get(thread, 0) for thread, seconds in after.items())
        lateness.append((late, max(0.0, late - waited)))


def _waited_seconds() -> dict[str, float]:
    """By thread: how long it has been ready without a processor."""
    waited = {}
    for thread in os.listdir(TASKS):
        with suppress(OSError), open(f"{TASKS}/{thread}/schedstat") as schedule:  # may have ended
            waited[thread] = int(schedule.read().split()[1]) / 1e9
    return waited


if __name__ == "__main__":
    parts.create_served_app = create_ticking_app
    main()
