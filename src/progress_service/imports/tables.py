"""Rows in the project's own two forms: JSON lines, and CSV with our names as columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from json import detect_encoding
from typing import BinaryIO, Literal

from progress_service.errors import FieldError, Invalid
from progress_service.imports.csv_table import DELIMITERS, Cells, CsvTable
from progress_service.imports.lines import lines_of
from progress_service.imports.rows import ImportRow, ParsedRow
from progress_service.imports.schemas import ImportRowBody, parse_row, row_of

MAX_ROW_BYTES = 4_096  # The longest ids and numbers take half of it.
SNIFFED_BYTES = 4_096
Format = Literal["ndjson", "csv"]

_MEDIA_TYPES: dict[str, Format] = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "application/json-seq": "ndjson",
}
_NUMBERS = frozenset({"watch_time", "total_duration"})
_REQUIRED = ("student_id", "video_id")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_MAX_DIGITS = 40


def format_of(content_type: str, start: bytes) -> Format:
    """The format of a body that begins with *start*.

    A table never begins like an object, and our JSON lines never name the columns of a table. The
    Content-Type decides the rest, since many clients send a fixed or no type.

    Raises:
        Invalid: it is neither JSON lines nor a table with our columns.
    """
    text = start.decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith("{"):
        return "ndjson"
    media_type = _MEDIA_TYPES.get(content_type.partition(";")[0].strip().lower())
    if media_type == "csv" or _begins_with_header(text):
        return "csv"
    if media_type is not None:
        return media_type
    encoding: str = detect_encoding(start)
    if not encoding.startswith("utf-8"):
        raise Invalid.field("body", f"is in {encoding}; send it in UTF-8")
    raise Invalid.field(
        "body",
        "is neither JSON lines nor CSV: send one JSON object a line as application/x-ndjson, or a "
        f"table as text/csv whose first line names the columns {', '.join(_REQUIRED)}…",
    )


def _begins_with_header(text: str) -> bool:
    header = text.partition("\n")[0]
    columns = {name.strip().strip('"') for name in re.split(f"[{re.escape(DELIMITERS)}]", header)}
    return columns.issuperset(_REQUIRED)


def read_rows(stream: BinaryIO, form: Format) -> Iterator[ParsedRow]:
    """The rows of a file or body, one after the other.

    Raises:
        Invalid: it is a table with other columns, or without a header.
    """
    return _ndjson_rows(stream) if form == "ndjson" else _csv_rows(CsvTable(stream))


def _ndjson_rows(stream: BinaryIO) -> Iterator[ParsedRow]:
    for line in lines_of(stream, max_bytes=MAX_ROW_BYTES):
        yield line if isinstance(line, Invalid) else parse_row(line)


def _csv_rows(table: CsvTable) -> Iterator[ParsedRow]:
    _check_columns(table.columns)
    return (cells if isinstance(cells, Invalid) else row_of_cells(cells) for cells in iter(table))


def row_of_cells(cells: Cells) -> ImportRow | Invalid:
    """The row in the *cells* of a table; empty ones are left out."""
    return row_of(
        {
            name: number_in(cell) if name in _NUMBERS else cell
            for name, cell in cells.items()
            if cell
        }
    )


def number_in(cell: str) -> object:
    """The number that a cell has; other text stays, and is rejected with a reason."""
    return float(cell) if len(cell) <= _MAX_DIGITS and _NUMBER.fullmatch(cell) else cell


def _check_columns(columns: list[str]) -> None:
    known = list(ImportRowBody.model_fields)
    errors = [
        FieldError(name[:64], "unknown_column", _remedy(name, known))
        for name in columns
        if name not in known
    ]
    errors += [
        FieldError(name, "missing", "is a required column; the first line names the columns")
        for name in _REQUIRED
        if name not in columns
    ]
    if errors:
        raise Invalid.fields(errors[:10])


def _remedy(name: str, known: list[str]) -> str:
    if nearest := get_close_matches(name.lower(), known, n=1):
        return f"is no column of an import; did you mean {nearest[0]}?"
    return f"is no column of an import; the columns are {', '.join(known)}"
