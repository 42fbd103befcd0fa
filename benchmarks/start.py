"""The second start of ``progress-service dev``: from the command to the first answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import answers, free_port, stop
from benchmarks.stage import temporary_folder

GOAL_SECONDS = 5.0


def measure() -> list[Figure]:
    """The row of the start."""
    with temporary_folder() as folder:
        first, second = _start_seconds(folder), _start_seconds(folder)
    return [
        Figure(
            "start, the second time",
            f"{second:.1f} s",
            f"the first, with an empty data folder: {first:.1f} s",
            goal=f"< {GOAL_SECONDS:g} s",
            is_reached=second < GOAL_SECONDS,
        )
    ]


def _start_seconds(folder: Path) -> float:
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PROGRESS_")}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "progress_service", "dev", "--port", str(port)],
        env={**kept, "PROGRESS_DATA_DIR": str(folder / "data")},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not answers(f"http://127.0.0.1:{port}/readyz", process):
            raise RuntimeError("`progress-service dev` did not answer")
        return time.monotonic() - started
    finally:
        stop(process)
