"""Ctrl-C while a command starts, before asyncio or the server handles it.

Python raises `KeyboardInterrupt` wherever it happens to be. Raised in a callback, such as those of
imports and of `os.fork`, it is dropped, and the process starts as if nothing had been pressed;
raised while a thread starts, it leaves a lock behind.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ending_at_once() -> Iterator[None]:
    """In the block, where nothing needs to be undone, Ctrl-C ends the process without a word."""
    with _handled_by(signal.SIG_DFL):
        yield


@contextmanager
def noted() -> Iterator[Callable[[], None]]:
    """In the block, Ctrl-C waits until the value is called, or the block ends.

    Raises:
        KeyboardInterrupt: from the value, or at the end.
    """
    is_pressed = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_pressed
        is_pressed = True

    def raise_noted() -> None:
        if is_pressed:
            raise KeyboardInterrupt

    with _handled_by(note):
        yield raise_noted
        raise_noted()


@contextmanager
def _handled_by(
    handler: signal.Handlers | Callable[[int, FrameType | None], None],
) -> Iterator[None]:
    """Let *handler* have Ctrl-C in the block, unless this process was started to ignore it."""
    previous = signal.getsignal(signal.SIGINT)
    is_main_thread = threading.current_thread() is threading.main_thread()
    if previous is signal.SIG_IGN or not is_main_thread:  # other threads get no signals
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
