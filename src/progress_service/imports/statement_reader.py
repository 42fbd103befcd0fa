"""Reads statements one by one from JSON lines, a JSON array, or the response of a record store."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from progress_service.errors import Invalid
from progress_service.imports.lines import lines_of
from progress_service.imports.mapped_rows import DECODER, MAX_LINE_BYTES, parsed_object
from progress_service.imports.mapping import FileMapping
from progress_service.imports.rows import ParsedRow
from progress_service.imports.statements import statement_row

READ_CHARACTERS = 65_536
MAX_STATEMENT_CHARACTERS = MAX_LINE_BYTES
_START_BYTES = 4_096
_ARRAY = re.compile(
    rb'[\xef\xbb\xbf\s]*(?:\[|\{\s*(?:"more"\s*:\s*"[^"]*"\s*,\s*)?"statements"\s*:\s*\[)'
)
_SPACE_AND_COMMA = re.compile(r"[\s,]*")


def statement_rows(stream: BinaryIO, mapping: FileMapping) -> Iterator[ParsedRow]:
    """The row of each statement; what is no statement has a row with its error."""
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), _START_BYTES)  # It can peek.
    if opening := _ARRAY.match(buffered.peek(_START_BYTES)):
        buffered.read(opening.end())
        statements: Iterator[Any] = _elements(buffered)
    else:
        lines = lines_of(buffered, max_bytes=MAX_LINE_BYTES)
        statements = (line if isinstance(line, Invalid) else parsed_object(line) for line in lines)
    for statement in statements:
        if isinstance(statement, Invalid):
            yield statement
        elif isinstance(statement, dict):
            yield statement_row(statement, mapping)
        else:
            yield Invalid.field("row", "is not a JSON object")


def _elements(stream: BinaryIO) -> Iterator[Any]:
    """The elements of an array whose opening bracket was read; at most one is in memory."""
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace")
    held = ""
    for more in itertools.chain(iter(lambda: text.read(READ_CHARACTERS), ""), [None]):
        held += more or ""
        at = _space_end(held, 0)
        while at < len(held) and held[at] != "]":
            try:
                element, end = DECODER.raw_decode(held, at)
            except (ValueError, RecursionError):
                if more is None or len(held) - at > MAX_STATEMENT_CHARACTERS:
                    yield _unreadable("not JSON, or too long")
                    return
                break
            if end == len(held) and more is not None:
                break  # A number may go on.
            yield element
            at = _space_end(held, end)
        if held[at : at + 1] == "]":
            return
        held = held[at:]
    yield _unreadable("the array does not end")


def _space_end(text: str, start: int) -> int:
    match = _SPACE_AND_COMMA.match(text, start)
    return match.end() if match else start


def _unreadable(reason: str) -> Invalid:
    return Invalid.field("row", f"and those after it cannot be read: {reason}")
