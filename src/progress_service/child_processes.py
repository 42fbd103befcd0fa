"""Processes that end with this one."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def ends_with_parent(end_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel, on Linux, ends the process when this one ends for any reason.

    Args:
        end_signal: what it is sent when the thread that started it has ended.
    """
    parent = os.getpid()

    def prepare() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, end_signal)
            if os.getppid() != parent:  # it ended before the kernel knew
                os._exit(1)

    return prepare
