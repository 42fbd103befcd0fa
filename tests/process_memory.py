"""What is in the memory of another process, released memory included."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

MAX_READ_BYTES = 1 << 24


def copies_in_memory(process_id: int, text: str) -> int:
    """How often *text* occurs in the memory of the process, as UTF-8."""
    wanted = text.encode()
    found = 0
    with open(f"/proc/{process_id}/mem", "rb", buffering=0) as memory:
        for start, end in _readable(process_id):
            rest = b""
            with suppress(OSError):  # a part that was released meanwhile
                memory.seek(start)
                while start < end:
                    part = memory.read(min(MAX_READ_BYTES, end - start))
                    found += (rest + part).count(wanted)
                    rest = part[-len(wanted) + 1 :]
                    start += len(part)
                    if not part:
                        break
    return found


def _readable(process_id: int) -> list[tuple[int, int]]:
    lines = Path(f"/proc/{process_id}/maps").read_text().splitlines()
    fields = [line.split() for line in lines]
    ranges = [
        each[0].split("-") for each in fields if each[1].startswith("r") and "[v" not in each[-1]
    ]
    return [(int(start, 16), int(end, 16)) for start, end in ranges]
