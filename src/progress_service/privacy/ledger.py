"""A file outside the database that lists erasures, so that a restored backup does not undo them.

One JSON object a line. A line with a ``key`` comes before the first hash under that key; the others
have a ``student``, a keyed hash, and ``erased_at``. Lines are only ever appended.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from progress_service.errors import StartupError, Unavailable
from progress_service.mongo.erasures import KEY_BYTES
from progress_service.observability.logging import get_logger

log = get_logger("privacy")
HASH_BYTES = 32
_UNWRITABLE = "The ledger of erasures cannot be written. Repeat the request."


@dataclass(frozen=True, slots=True)
class LedgerEntries:
    """The keys of a ledger, and when the data of each student was last erased, by hash."""

    keys: tuple[bytes, ...] = ()
    erased: dict[bytes, datetime] = field(default_factory=dict)


class Ledger:
    """Reads and appends. Its methods block; call them in a thread. Any process of a host may."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def require_usable(self) -> None:
        """Create the file if it is missing.

        Raises:
            StartupError: it cannot be read and written.
        """
        try:
            with self._opened():
                pass
        except OSError as error:
            raise StartupError(
                f"PROGRESS_ERASURE_LEDGER: {self._path} cannot be read and written "
                f"({error.strerror}). Name a file in a folder that this user may write to."
            ) from error

    def require_writable(self) -> None:
        """Like `require_usable`, while the service runs.

        Raises:
            Unavailable: it cannot be read and written.
        """
        try:
            self.require_usable()
        except StartupError as error:
            raise Unavailable(_UNWRITABLE) from error

    def append(self, student: bytes, erased_at: datetime, *, key: bytes) -> None:
        """Append an erasure; it is on disk when this returns. A repeat does no harm.

        Raises:
            Unavailable: the file cannot be written.
        """
        try:
            with self._opened() as file:
                lines = [] if key in _entries(file).keys else [{"key": key.hex()}]
                lines.append({"student": student.hex(), "erased_at": erased_at.isoformat()})
                text = "".join(json.dumps(line) + "\n" for line in lines).encode()
                if _is_torn(file):  # by a crash; what it says was never acknowledged
                    text = b"\n" + text
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log.error("ledger_unwritable", error=type(error).__name__, reason=error.strerror)
            raise Unavailable(_UNWRITABLE) from error

    def read(self) -> LedgerEntries:
        """Everything that is listed.

        Raises:
            StartupError: the file cannot be read.
        """
        self.require_usable()
        with self._opened() as file:
            return _entries(file)

    def _opened(self) -> BinaryIO:
        """The file, for this process alone until it is closed."""
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "ab+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self._path.parent)
        except OSError:
            file.close()
            raise
        return file


def _sync_folder(folder: Path) -> None:
    """Make a new file in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_torn(file: BinaryIO) -> bool:
    """True when the last line has no end."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _entries(file: BinaryIO) -> LedgerEntries:
    keys: list[bytes] = []
    erased: dict[bytes, datetime] = {}
    for line in _lines(file):
        key, student = _bytes(line.get("key"), KEY_BYTES), _bytes(line.get("student"), HASH_BYTES)
        at = _moment(line.get("erased_at"))
        if key is not None and key not in keys:
            keys.append(key)
        elif student is not None and at is not None:
            erased[student] = max(erased.get(student, at), at)
    return LedgerEntries(tuple(keys), erased)


def _lines(file: BinaryIO) -> Iterator[dict[str, Any]]:
    file.seek(0)
    for number, text in enumerate(file, 1):
        try:
            line = json.loads(text)
        except ValueError:  # torn by a crash, then followed by others
            line = None
        if isinstance(line, dict):
            yield line
        elif text.strip():
            log.warning("ledger_line_unreadable", line=number)


def _bytes(value: object, length: int) -> bytes | None:
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return None
    return found if len(found) == length else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
