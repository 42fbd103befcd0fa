"""Where `progress-service` begins: loading everything takes a second, and may be interrupted."""

from __future__ import annotations

from progress_service import interrupts


def main() -> None:
    """Load the command line, and run it."""
    with interrupts.ending_at_once():
        from progress_service.cli.main import main as run

    run()
