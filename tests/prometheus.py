"""The programs of Prometheus, which `make prometheus` unpacks."""

from __future__ import annotations

import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".prometheus"
PROMETHEUS = FOLDER / "usr/bin/prometheus"
PROMTOOL = FOLDER / "usr/bin/promtool"


def run_promtool(
    *arguments: str, given: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run promtool to its end.

    Args:
        arguments: like ``"check", "metrics"``.
        given: what it reads from its standard input.
        folder: where it looks for the files that it is told.

    Raises:
        FileNotFoundError: Prometheus is not there; `make prometheus` unpacks it.
    """
    if not PROMTOOL.exists():
        raise FileNotFoundError(f"{PROMTOOL} is missing; run `make prometheus`.")
    return subprocess.run(
        [str(PROMTOOL), *arguments],
        input=given,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
