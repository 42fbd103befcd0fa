"""Records of a CSV file as dictionaries; a broken record does not affect the others."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from progress_service.errors import Invalid

MAX_RECORD_CHARACTERS = 16_384
MAX_RECORD_LINES = 100  # A quoted cell may have line breaks.
DELIMITERS = ",;\t|"

Cells = dict[str, str]


class CsvTable:
    """The header of a table, and its records."""

    def __init__(
        self, stream: BinaryIO, *, delimiter: str | None = None, encoding: str = "utf-8-sig"
    ) -> None:
        """
        Args:
            stream: the file.
            delimiter: between cells; ``None``: what the header has most of.
            encoding: a codec; bytes that it cannot decode spoil their record only.

        Raises:
            Invalid: there is no header.
            LookupError: there is no such codec.
        """
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
        self._lines = _Lines(text)
        self.delimiter = delimiter or _delimiter_in(self._lines.peek())
        header = next(self._records(), None)
        if header is None or isinstance(header, Invalid):
            raise Invalid.field("header", "is missing: the first line names the columns")
        self.columns = [name.strip() for name in header]
        if len(set(self.columns)) < len(self.columns):
            raise Invalid.field("header", "names a column twice")

    def __iter__(self) -> Iterator[Cells | Invalid]:
        """The cells of each record by column, without surrounding space; or what is wrong."""
        for record in self._records():
            if isinstance(record, Invalid):
                yield record
            elif len(record) != len(self.columns):
                detail = f"has {len(record)} cells, and the header has {len(self.columns)}"
                yield Invalid.field("row", detail)
            elif any(map(_is_undecodable, record)):
                yield Invalid.field("row", "is not in UTF-8; save the file in that encoding")
            else:
                yield {name: cell.strip() for name, cell in zip(self.columns, record, strict=True)}

    def _records(self) -> Iterator[Sequence[str] | Invalid]:
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        while True:
            self._lines.begin_record()
            try:
                record = next(reader)
            except StopIteration:
                return
            except (csv.Error, _RecordTooLongError):
                # Probably a quote that nothing closes: go on with the line after it.
                self._lines.go_back_to_second_line()
                reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
                yield Invalid.field("row", "is too long, or has a quote that is not closed")
                continue
            if any(cell.strip() for cell in record):  # a blank line is no record
                yield record


class _RecordTooLongError(Exception):
    """A record has more lines or characters than allowed."""


class _Lines:
    """The lines of a text for `csv.reader`, which can go back within a record."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._returned: deque[str] = deque()
        self._record: list[str] = []
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._read()
        if not line:
            raise StopIteration
        self._record.append(line)
        self._characters += len(line)
        if self._characters > MAX_RECORD_CHARACTERS or len(self._record) > MAX_RECORD_LINES:
            raise _RecordTooLongError
        return line

    def peek(self) -> str:
        """The first line."""
        line = self._read()
        if line:
            self._returned.append(line)
        return line

    def begin_record(self) -> None:
        """The next line begins a record."""
        self._record = []
        self._characters = 0

    def go_back_to_second_line(self) -> None:
        """Return all lines of this record except the first."""
        self._returned.extendleft(reversed(self._record[1:]))

    def _read(self) -> str:
        """A line, of which only so much is kept that it is known to be too long."""
        line = self._text.readline(MAX_RECORD_CHARACTERS + 1)
        if len(line) > MAX_RECORD_CHARACTERS:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._text.readline(MAX_RECORD_CHARACTERS)
        return line


def _delimiter_in(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _is_undecodable(cell: str) -> bool:
    return not cell.isascii() and any("\udc80" <= each <= "\udcff" for each in cell)
