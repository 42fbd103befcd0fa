"""Tables as CSV, safe to open in a spreadsheet, for clients that prefer it to JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

CSV = "text/csv"
CSV_CONTENT: dict[str, Any] = {CSV: {"schema": {"type": "string"}}}
"""The content of a response, in the OpenAPI document."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # What spreadsheets evaluate.


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A header and one line for each of *rows*, as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """*value*, as text where a spreadsheet would evaluate it."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def prefers_csv(accept: str) -> bool:
    """True when the ``Accept`` header names CSV before JSON."""
    types = [part.split(";")[0].strip() for part in accept.lower().split(",")]
    wanted = [each for each in types if each in (CSV, "application/json")]
    return wanted[:1] == [CSV]
