"""Rows of another system's table or JSON lines, by a mapping."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from progress_service.catalog.ids import is_id
from progress_service.edge.claims import USER_ID_DETAIL, is_user_id
from progress_service.errors import Invalid
from progress_service.imports.conversions import to_moment, to_number, to_seconds, to_text
from progress_service.imports.csv_table import CsvTable
from progress_service.imports.lines import lines_of
from progress_service.imports.mapping import FieldMapping, FileMapping
from progress_service.imports.rows import ImportRow, ParsedRow

MAX_LINE_BYTES = 1_048_576
MAX_DIGITS = 400
_ID_DETAIL = "must be 1 to 128 letters, digits and . _ : @ + -; map ids with values or strip_prefix"

Record = Mapping[str, Any]
"""Columns with their cells; or a JSON object, in which dots lead into objects."""


def table_rows(stream: BinaryIO, mapping: FileMapping) -> Iterator[ParsedRow]:
    """The rows of a CSV file.

    Raises:
        Invalid: there is no header, or it lacks a column of the mapping.
    """
    table = CsvTable(stream, delimiter=mapping.delimiter, encoding=mapping.encoding)
    fields = [field for _, field in mapping.fields if field is not None]
    wanted = [field.column for field in fields if field.column is not None]
    wanted += [field.only_if.column for field in fields if field.only_if is not None]
    if missing := [name for name in dict.fromkeys(wanted) if name not in table.columns]:
        raise Invalid.field("header", f"lacks {', '.join(missing)}, which the mapping names")
    return (cells if isinstance(cells, Invalid) else mapped_row(cells, mapping) for cells in table)


def json_rows(stream: BinaryIO, mapping: FileMapping) -> Iterator[ParsedRow]:
    """The rows of a file with one JSON object a line."""
    for line in lines_of(stream, max_bytes=MAX_LINE_BYTES):
        record = line if isinstance(line, Invalid) else parsed_object(line)
        yield record if isinstance(record, Invalid) else mapped_row(record, mapping)


def parsed_object(line: bytes) -> dict[str, Any] | Invalid:
    """The JSON object in *line*, or what is wrong with it."""
    try:
        found = DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return Invalid.field("row", "is not JSON in UTF-8")
    return found if isinstance(found, dict) else Invalid.field("row", "is not a JSON object")


def _whole(digits: str) -> float:
    """Integers with too many digits are infinite, because Python raises for them."""
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


DECODER = json.JSONDecoder(parse_int=_whole)


def mapped_row(record: Record, mapping: FileMapping) -> ImportRow | Invalid:
    """The row that *record* has by *mapping*, or what is wrong with it."""
    try:
        return _row(_Reader(record, mapping))
    except Invalid as error:
        return error


def mapped_ids(record: Record, mapping: FileMapping) -> tuple[str, str]:
    """The student and the material of *record*.

    Raises:
        Invalid: one of them is missing, or is no valid id.
    """
    reader, fields = _Reader(record, mapping), mapping.fields
    student_id = reader.text("student_id", fields.student_id)
    if not is_user_id(student_id):
        raise Invalid.field("student_id", USER_ID_DETAIL if student_id else "is empty")
    material_id = reader.text("video_id", fields.video_id)
    if not is_id(material_id):
        raise Invalid.field("video_id", _ID_DETAIL if material_id else "is empty")
    return student_id, material_id


def _row(reader: _Reader) -> ImportRow:
    fields = reader.mapping.fields
    student_id, material_id = mapped_ids(reader.record, reader.mapping)
    is_percent = fields.watch_time is not None and fields.watch_time.unit == "percent"
    position = reader.duration("watch_time", fields.watch_time)
    observed_at = reader.moment("observed_at", fields.observed_at)
    completed_at = reader.moment("completed_at", fields.completed_at)
    if position is None and completed_at is None:
        raise Invalid.field("watch_time", "is empty, and so is completed_at; the row says nothing")
    if position is not None and observed_at is None:
        raise Invalid.field("observed_at", "is empty; a position has a time")
    return ImportRow(
        student_id=student_id,
        material_id=material_id,
        position_seconds=None if is_percent else position,
        position_percent=position if is_percent else None,
        duration_seconds=reader.duration("total_duration", fields.total_duration),
        observed_at=observed_at,
        completed_at=completed_at,
    )


class _Reader:
    """Reads the fields of one record."""

    def __init__(self, record: Record, mapping: FileMapping) -> None:
        self.record = record
        self.mapping = mapping

    def text(self, name: str, field: FieldMapping | None) -> str:
        """The value of *field* as text; empty if there is none."""
        if field is None or not self._applies(name, field):
            return ""
        if field.column is None:
            return field.value or ""
        text = to_text(value_at(self.record, field.column), field=name)
        if not text or text in field.empty:
            return ""
        if field.lower:
            text = text.lower()
        text = text.removeprefix(field.strip_prefix).removesuffix(field.strip_suffix)
        if field.last_part:
            text = text.rstrip("/").rpartition("/")[2]
        if field.values is not None:
            if text not in field.values:
                raise Invalid.field(name, f"{text[:64]!r} is not among the values of the mapping")
            text = field.values[text]
        return field.add_prefix + text

    def duration(self, name: str, field: FieldMapping | None) -> float | None:
        """Seconds; or percent, if that is the unit."""
        if field is None or not (text := self.text(name, field)):
            return None
        decimal = self.mapping.decimal
        if field.unit != "percent":
            return to_seconds(text, field=name, unit=field.unit, decimal=decimal)
        percent = to_number(text, field=name, decimal=decimal)
        if not 0 <= percent <= 100:
            raise Invalid.field(name, "must lie between 0 and 100 percent")
        return percent

    def moment(self, name: str, field: FieldMapping | None) -> datetime | None:
        """A time in UTC."""
        if field is None or not (text := self.text(name, field)):
            return None
        return to_moment(text, field=name, form=field.format, zone=self.mapping.zone)

    def _applies(self, name: str, field: FieldMapping) -> bool:
        condition = field.only_if
        if condition is None:
            return True
        return to_text(value_at(self.record, condition.column), field=name) in condition.values


def value_at(record: Record, path: str) -> Any:
    """The value under a column name; or, in JSON, along a *path* with dots."""
    if path in record:
        return record[path]
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
