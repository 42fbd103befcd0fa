"""A cursor: up to where a client has seen a student's changes.

Changes are ordered by the clock of the database (``stored_at``), but become visible when the
majority has them, so a change may appear after one with a later stamp. A cursor therefore reaches
back over a margin, and lists what was already seen inside it: nothing is missed, and nothing is
sent twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from progress_service.domain.opaque_text import decode_opaque, encode_opaque
from progress_service.domain.progress import Progress
from progress_service.errors import Invalid

MARGIN = timedelta(seconds=30)  # Longer than any write takes, and than clocks differ.
MAX_NAMED = 200  # With more changes in half a minute, some are sent twice, which is harmless.
MAX_CHARACTERS = 8_192


@dataclass(frozen=True, slots=True)
class Cursor:
    """``until``: the newest stamp seen. ``seen``: (fingerprint, stamp) inside the margin."""

    until_ms: int
    seen: frozenset[tuple[int, int]] = frozenset()

    @property
    def reaches_back_to(self) -> datetime:
        """Changes stamped from here on may be unseen."""
        return datetime.fromtimestamp(self.until_ms / 1000, UTC) - MARGIN

    def has_seen(self, record: Progress) -> bool:
        """True for a state that was already sent."""
        return _name(record) in self.seen

    @classmethod
    def after(
        cls,
        records: Iterable[Progress],
        *,
        since: Cursor | None = None,
        unseen: Iterable[Progress] = (),
    ) -> Cursor:
        """The cursor of a client that has *records* and what *since* covers, but not *unseen*."""
        named = {_name(record) for record in records} | (since.seen if since else frozenset())
        covered = [ms for _, ms in named] + ([since.until_ms] if since else [])
        waiting = [_name(record)[1] for record in unseen]
        until = min([*waiting, *sorted(covered)[-1:]], default=0)
        oldest = until - int(MARGIN.total_seconds() * 1000)
        recent = sorted((n for n in named if n[1] >= oldest), key=lambda n: n[1])
        return cls(until, frozenset(recent[-MAX_NAMED:]))

    @classmethod
    def at(cls, record: Progress) -> Cursor:
        """Like `after` for *record* alone, in a fraction of the time."""
        name = _name(record)
        return cls(name[1], frozenset((name,)))

    def encode(self) -> str:
        """Opaque text: `[until, [[name, milliseconds before it], …]]`."""
        seen = ",".join(f"[{name},{self.until_ms - ms}]" for name, ms in sorted(self.seen))
        return encode_opaque(f"[{self.until_ms},[{seen}]]")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The cursor in *text*.

        Raises:
            Invalid: it is not a cursor of this service.
        """
        try:
            until_ms, seen = decode_opaque(text, max_characters=MAX_CHARACTERS)
            cursor = cls(
                _whole(until_ms), frozenset((_whole(n), until_ms - _whole(a)) for n, a in seen)
            )
            for ms in (until_ms, *(ms for _, ms in cursor.seen)):
                datetime.fromtimestamp(ms / 1000, UTC) - MARGIN
        except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            detail = "is not a cursor of this service; leave it out to get everything"
            raise Invalid.field("since", detail, code="bad_cursor") from error
        return cursor


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _name(record: Progress) -> tuple[int, int]:
    stamp = record.stored_at
    at_ms = round(stamp.timestamp() * 1000) if stamp else 0
    return zlib.crc32(record.material_id.encode()), at_ms
