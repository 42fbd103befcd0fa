"""Files of rows, in any of the formats that the command line takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO, Literal

from progress_service.imports.mapped_rows import json_rows, table_rows
from progress_service.imports.mapping import XAPI_DEFAULT, FileMapping
from progress_service.imports.rows import ParsedRow
from progress_service.imports.statement_reader import statement_rows
from progress_service.imports.tables import read_rows

FileFormat = Literal["ndjson", "csv", "xapi"]

_BY_SUFFIX: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}


def format_by_name(name: str) -> FileFormat | None:
    """The format that the name of a file promises; ``None`` if it promises none."""
    return _BY_SUFFIX.get(PurePath(name).suffix.lower())


def rows_in(stream: BinaryIO, form: FileFormat, mapping: FileMapping | None) -> Iterator[ParsedRow]:
    """The rows of a file, one after the other.

    Raises:
        Invalid: it is a table without a header, or with other columns.
    """
    if form == "xapi":
        return statement_rows(stream, mapping or XAPI_DEFAULT)
    if mapping is None:
        return read_rows(stream, form)
    return table_rows(stream, mapping) if form == "csv" else json_rows(stream, mapping)
