"""What a student has chosen about what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

History = Literal["on", "paused"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """While ``history`` is paused, only completions are stored.

    ``changed_at`` is when the student chose it.
    """

    history: History = "on"
    changed_at: datetime | None = None

    @property
    def is_history_paused(self) -> bool:
        """True when reports store nothing but completion."""
        return self.history == "paused"


DEFAULTS = Preferences()
