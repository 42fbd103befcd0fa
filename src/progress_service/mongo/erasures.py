"""Documents of ``erasures``: whose data was erased, by keyed hash.

One document has the keys. They are made here once; a ledger brings others into a restored database.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ERASURES = "erasures"
KEYS_ID = "keys"
KEY_BYTES = 32
POLLED_UNTIL = "polled_until"
"""Processes read the erasure until then: while it runs, and for a while after."""
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure. ``student_id`` is set while it runs.

    ``event_ids`` are those of events that still name the student: others are being notified.
    ``erased_at`` is by the clock of the database: what is older is never stored again. ``done``
    has the steps that are done.
    """

    student_hash: bytes
    erased_at: datetime
    finished_at: datetime | None = None
    student_id: str | None = None
    event_ids: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()

    @property
    def is_running(self) -> bool:
        """True until every step is done."""
        return self.finished_at is None


def student_hash(student_id: str, key: bytes) -> bytes:
    """The keyed hash of a user id."""
    return hmac.digest(key, student_id.encode(), hashlib.sha256)


def hashes_of(student_id: str, keys: Iterable[bytes]) -> list[bytes]:
    """The hashes of a user id under all *keys*."""
    return [student_hash(student_id, key) for key in keys]


def keys_of(document: Document) -> tuple[bytes, ...]:
    """The keys in their document; others than ours are ignored."""
    keys = document.get("keys")
    found = keys if isinstance(keys, list) else []
    return tuple(bytes(key) for key in found if isinstance(key, bytes) and len(key) == KEY_BYTES)


def to_erasure(document: Document) -> Erasure | None:
    """The erasure; ``None`` if the document is none."""
    student, erased_at = document.get("_id"), document.get("erased_at")
    if not isinstance(student, bytes) or not isinstance(erased_at, datetime):
        return None
    finished_at, student_id = document.get("finished_at"), document.get("student_id")
    return Erasure(
        student_hash=bytes(student),
        erased_at=erased_at.replace(tzinfo=UTC),
        finished_at=finished_at.replace(tzinfo=UTC) if isinstance(finished_at, datetime) else None,
        student_id=student_id if isinstance(student_id, str) else None,
        event_ids=tuple(_texts(document, "event_ids")),
        done=frozenset(_texts(document, "done")),
    )


def _texts(document: Document, name: str) -> list[str]:
    values = document.get(name)
    return [each for each in values if isinstance(each, str)] if isinstance(values, list) else []
