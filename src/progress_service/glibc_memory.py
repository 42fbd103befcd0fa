"""Lets glibc overwrite memory when it is released, so that nothing of an erased person stays in it.

It reads this setting when a process starts. `released_memory` does the rest, on demand; apart from
it, because importing asyncio twice would make each start 40 ms longer.
"""

from __future__ import annotations

import os
import sys

_VARIABLE = "GLIBC_TUNABLES"
# Released memory is filled with 255; a cache of each thread would keep some of it as it was.
TUNABLES = "glibc.malloc.perturb=255:glibc.malloc.tcache_count=0"


def overwrite_when_released() -> None:
    """Restart this process, with its id and arguments, so that glibc overwrites what is released.

    Processes that it starts do so too. Does nothing where the setting is there, or glibc is not.
    """
    given = os.environ.get(_VARIABLE, "")
    if "glibc.malloc.perturb" in given or not _is_glibc():
        return
    os.environ[_VARIABLE] = f"{given}:{TUNABLES}" if given else TUNABLES
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this program


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):
        return False
