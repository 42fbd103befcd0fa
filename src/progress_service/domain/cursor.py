"""A cursor: up to where a client has seen a student's changes.

Changes are ordered by the database's clock (``stored_at``), but become visible when the majority
has them, so a change may appear behind one with a later stamp. A cursor therefore reaches back over
a margin, and names what was already seen inside it: nothing is missed, and nothing comes twice from
the same hand.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from progress_service.domain.progress import Progress
from progress_service.errors import Invalid

MARGIN = timedelta(seconds=30)  # Longer than any write can take, and than clocks may differ.
MAX_NAMED = 200  # More changes than this in half a minute: some come twice, harmlessly.
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
        """True for a state that was already told."""
        return _name(record) in self.seen

    @classmethod
    def after(
        cls,
        records: Iterable[Progress],
        *,
        since: Cursor | None = None,
        unseen: Iterable[Progress] = (),
    ) -> Cursor:
        """Of who has seen *records* and all that *since* covers, but none of *unseen*."""
        named = {_name(record) for record in records} | (since.seen if since else frozenset())
        covered = [ms for _, ms in named] + ([since.until_ms] if since else [])
        waiting = [_name(record)[1] for record in unseen]
        until = min([*waiting, *sorted(covered)[-1:]], default=0)
        oldest = until - int(MARGIN.total_seconds() * 1000)
        recent = sorted((n for n in named if n[1] >= oldest), key=lambda n: n[1])
        return cls(until, frozenset(recent[-MAX_NAMED:]))

    @classmethod
    def at(cls, record: Progress) -> Cursor:
        """Of who has seen *record* alone: like `after`, in a fraction of the time."""
        name = _name(record)
        return cls(name[1], frozenset((name,)))

    def encode(self) -> str:
        """Opaque text: `[until, [[name, milliseconds before it], …]]`."""
        seen = ",".join(f"[{name},{self.until_ms - ms}]" for name, ms in sorted(self.seen))
        packed = f"[{self.until_ms},[{seen}]]".encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The cursor that *text* stands for.

        Raises:
            Invalid: it is not one of ours.
        """
        try:
            if len(text) > MAX_CHARACTERS:
                raise ValueError("too long")
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            until_ms, seen = json.loads(packed)
            cursor = cls(
                _whole(until_ms), frozenset((_whole(n), until_ms - _whole(a)) for n, a in seen)
            )
            for ms in (until_ms, *(ms for _, ms in cursor.seen)):
                datetime.fromtimestamp(ms / 1000, UTC) - MARGIN
        except (
            ValueError,
            TypeError,
            OverflowError,
            OSError,
            RecursionError,
            binascii.Error,
        ) as error:
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
