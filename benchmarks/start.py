"""The second start of ``progress-service dev``: from the command to the first response."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.environment import temporary_folder
from benchmarks.figures import Figure
from progress_service.cli.serve import DEV_STUDENTS
from progress_service.testing import service_with_class

GOAL_SECONDS = 5.0


def measure() -> list[Figure]:
    """The row for the start."""
    with temporary_folder() as folder:
        first, second = _start_seconds(folder), _start_seconds(folder)
    return [
        Figure(
            "second start",
            f"{second:.1f} s",
            f"first start, with an empty data folder: {first:.1f} s",
            goal=f"< {GOAL_SECONDS:g} s",
            is_reached=second < GOAL_SECONDS,
        )
    ]


def _start_seconds(folder: Path) -> float:
    started = time.monotonic()
    with service_with_class(folder, students=DEV_STUDENTS):
        return time.monotonic() - started
