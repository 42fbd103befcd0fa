"""What this process has in memory about a student, and how it forgets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Forget = Callable[[str], None]


@dataclass(frozen=True)
class Memory:
    """Callables that `services` plugs in.

    ``forget`` drops what is cached about a student, ``forget_all`` what is cached about anybody,
    ``clear_clients`` makes the student's devices delete what they have, and ``prune`` drops what is
    no longer used.
    """

    forgetting: Sequence[Forget]
    forgetting_all: Sequence[Callable[[], None]]
    clear_clients: Forget
    prune: Callable[[], None]

    def forget(self, student_id: str) -> None:
        """Drop what is cached about a student."""
        for forget in self.forgetting:
            forget(student_id)

    def forget_all(self) -> None:
        """Drop what is cached about anybody."""
        for forget in self.forgetting_all:
            forget()
