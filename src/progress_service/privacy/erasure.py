"""Erases everything about a student, in steps that can be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ErasureStatus:
    """How far an erasure is; ``remaining`` names the steps that are not done."""

    requested_at: datetime
    finished_at: datetime | None
    remaining: tuple[str, ...]

    @property
    def is_finished(self) -> bool:
        """True when every step is done."""
        return self.finished_at is not None


class ErasureService:
    """Records erasures and runs their steps."""

    async def erase(self, student_id: str) -> ErasureStatus:
        """Begin the erasure, or return how far it is."""
        raise NotImplementedError

    async def status(self, student_id: str) -> ErasureStatus:
        """How far the last erasure is."""
        raise NotImplementedError
