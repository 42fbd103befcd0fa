"""Overwrites memory that this process has released, so that it keeps nothing of an erased person.

Python keeps released objects of at most `MAX_OBJECT_BYTES` for later, with what was in them, and
the event loop its receive buffer. Both are overwritten on demand. Larger objects are memory of the
C library: `glibc_memory`.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import sys
from bisect import bisect
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

MAX_OBJECT_BYTES = 512
_CLASS_BYTES = 16  # Python's allocator rounds sizes up to multiples of it.
_HEADER_BYTES = sys.getsizeof(b"")
_BATCH = 256
RECEIVE_BUFFER_BYTES = 262_144  # At least what uvloop and asyncio receive at once.
_F_SETPIPE_SZ = 1031


async def overwrite_released() -> None:
    """Overwrite what is released on demand; does nothing where the kernel is not Linux."""
    if sys.platform == "linux":
        await overwrite_receive_buffer()
        await asyncio.to_thread(overwrite_objects)


def overwrite_objects() -> None:
    """Overwrite all memory of released Python objects.

    Takes some ten milliseconds, so call it in a thread. For each size, objects are allocated until
    they lie in memory that was not there before: then no released one of that size is left.
    """
    gc.collect()
    _fill(lambda: [object() for _ in range(_BATCH)])  # 16 bytes
    _fill(lambda: [float(number) for number in range(_BATCH)])  # 24, so 32
    for size in range(3 * _CLASS_BYTES, MAX_OBJECT_BYTES + 1, _CLASS_BYTES):
        _fill(partial(_zeros, size - _HEADER_BYTES))


async def overwrite_receive_buffer() -> None:
    """Overwrite the buffer into which the event loop receives: it has the last bytes that came."""
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with suppress(OSError):  # A smaller pipe overwrites what was received last, too.
        fcntl.fcntl(sink, _F_SETPIPE_SZ, RECEIVE_BUFFER_BYTES)
    os.write(sink, bytes(RECEIVE_BUFFER_BYTES))
    os.close(sink)
    reader = _Reader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: reader, os.fdopen(source, "rb", buffering=0))
    await reader.has_ended.wait()


class _Reader(asyncio.Protocol):
    def __init__(self) -> None:
        self.has_ended = asyncio.Event()

    def connection_lost(self, _: Exception | None) -> None:
        self.has_ended.set()


def _zeros(length: int) -> list[object]:
    zeros = bytes(length + 1)
    return [zeros[:length] for _ in range(_BATCH)]


def _fill(allocate: Callable[[], list[object]]) -> None:
    starts, ends = _mapped()
    held = [allocate()]
    while id(held[-1][-1]) < ends[bisect(starts, id(held[-1][-1])) - 1]:
        held.append(allocate())
    while held:  # Released in one go, they would stop all other threads meanwhile.
        held.pop()


def _mapped() -> tuple[list[int], list[int]]:
    """Where the memory of this process begins and ends, in order."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    ranges = [line.split(" ", 1)[0].split("-") for line in lines]
    return [int(start, 16) for start, _ in ranges], [int(end, 16) for _, end in ranges]
