"""Lines of a file or body, each of bounded length, whatever it contains."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

from progress_service.errors import Invalid

READ_BYTES = 65_536


def lines_of(stream: BinaryIO, *, max_bytes: int) -> Iterator[bytes | Invalid]:
    """The lines of *stream* that are not blank; an error instead of one above *max_bytes*."""
    is_first = True
    while line := stream.readline(max_bytes + 1):
        if is_first:
            line, is_first = line.removeprefix(BOM_UTF8), False
        if len(line) > max_bytes and not line.endswith(b"\n"):
            _skip_line(stream)
            yield Invalid.field("row", f"has more than {max_bytes} bytes")
        elif stripped := line.strip():
            yield stripped


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(READ_BYTES)) and not rest.endswith(b"\n"):
        pass
