"""The settings of the second instance, whose clock can be set and whose memory can grow."""

from __future__ import annotations

import os
from pathlib import Path

CLOCK, LEAK = "clock", "leak"
"""Files in its folder: the seconds that its clock is ahead; memory is taken once this exists."""
LEAK_BYTES = 700_000_000
# Each of its processes runs this at the start. A clock of the kernel's would be that of the whole
# machine, so what Python code reads is shifted instead.
_SITE = f"""
import threading, time
from datetime import UTC, datetime
from pathlib import Path
from progress_service import clock

real_time = time.time
ahead_seconds = 0.0

def watch():
    global ahead_seconds
    held = []
    while True:
        time.sleep(0.5)
        if Path("{CLOCK}").exists():
            ahead_seconds = float(Path("{CLOCK}").read_text() or 0)
        try:
            Path("{LEAK}").rename("{LEAK}ed")
        except FileNotFoundError:
            continue
        held.append(b"x" * {LEAK_BYTES})

time.time = lambda: real_time() + ahead_seconds
clock._system_time = lambda: datetime.fromtimestamp(time.time(), UTC)
threading.Thread(target=watch, daemon=True).start()
"""


def side_settings(folder: Path) -> dict[str, str]:
    """Environment variables; the folder gets what they name."""
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "sitecustomize.py").write_text(_SITE)
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    return {"PROGRESS_MONGODB_DATABASE": "side", "PYTHONPATH": path}
