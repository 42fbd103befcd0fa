"""Where `progress-service` begins: loading everything takes a second, and may be interrupted."""

from __future__ import annotations

import sys

from progress_service import glibc_memory, interrupts

SERVING = frozenset({"dev", "serve"})


def main() -> None:
    """Load the command line, and run it."""
    with interrupts.ending_at_once():
        if SERVING.intersection(sys.argv[1:2]):
            glibc_memory.overwrite_when_released()
        from progress_service.cli.main import main as run

    run()
