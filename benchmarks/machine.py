"""The machine of a run. Only ratios of one run are comparable, not figures of two machines."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from progress_service.mongo.mongod_binary import find_mongod

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def describe_machine() -> str:
    """Date, cores, processor, versions, and the load average before the run."""
    mongod = subprocess.run([str(find_mongod()), "--version"], capture_output=True, text=True)
    version = mongod.stdout.split("\n", 1)[0].rpartition("v")[2]
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return (
        f"{now} UTC; {os.cpu_count()} cores shared by load generator, service and mongod; "
        f"{_processor()}; Python {platform.python_version()}; mongod {version}; "
        f"load average before {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far, in user mode and in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return _memory_bytes(pid, "VmRSS")


def peak_resident_bytes(pid: int) -> int:
    """Peak resident memory of a process since `reset_peak`."""
    return _memory_bytes(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Restart the kernel's measurement of the peak."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): reset the peak resident set size


def _memory_bytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1_024
    raise RuntimeError(f"/proc/{pid}/status has no {name}")
