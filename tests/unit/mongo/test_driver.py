"""The driver's thread pool, whichever module of the service is imported first."""

from __future__ import annotations

import subprocess
import sys

import pytest

from progress_service.mongo.driver import MAX_POOL_SIZE

POOL_SIZE = "from motor.frameworks import asyncio; print(asyncio._EXECUTOR._max_workers)"


@pytest.mark.parametrize(
    "module", ["app", "cli", "catalog.courses_store", "mongo.transactions", "progress.store"]
)
def test_pool_has_a_thread_for_each_connection(module: str):
    program = f"import progress_service.{module}; {POOL_SIZE}"

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert int(result.stdout) == MAX_POOL_SIZE
