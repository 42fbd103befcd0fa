"""The settings of the second instance, whose clock can be set and whose memory can grow."""

from __future__ import annotations

from pathlib import Path

LIBFAKETIME = (
    Path(__file__).parents[3] / ".faketime/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
)
LEAK_BYTES = 700_000_000
# Each process runs this at its start: as soon as the file `leak` exists, one of them takes memory.
_SITE = f"""
import threading, time
from pathlib import Path

def leak():
    held = []
    while True:
        try:
            Path("leak").rename("leaked")
        except FileNotFoundError:
            time.sleep(0.5)
        else:
            held.append(b"x" * {LEAK_BYTES})

threading.Thread(target=leak, daemon=True).start()
"""


def side_settings(folder: Path, *, with_own_clock: bool) -> dict[str, str]:
    """Environment variables; the folder gets what they name."""
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "sitecustomize.py").write_text(_SITE)
    settings = {"PROGRESS_MONGODB_DATABASE": "side", "PYTHONPATH": str(site)}
    if with_own_clock:
        if not LIBFAKETIME.exists():
            raise FileNotFoundError(f"{LIBFAKETIME} is missing; run `make faketime`.")
        (folder / "clock").write_text("+0")
        settings |= {
            "LD_PRELOAD": str(LIBFAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
    return settings
