"""Rows of other systems' tables, by a mapping."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import Invalid, StartupError
from progress_service.imports.mapped_rows import json_rows, mapped_row, table_rows
from progress_service.imports.mapping import FileMapping, read_mapping
from progress_service.imports.rows import ImportRow

IDS = {"student_id": "user", "video_id": "clip"}
RECORD = {"user": "ana", "clip": "intro"}
MORNING = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)
TIME = "2025-06-01T08:30:00Z"


def a_mapping(**given: Any) -> FileMapping:
    """A mapping of ids, position and time; *given* fields are added, options replaced."""
    options = {name: given.pop(name) for name in ("decimal", "time_zone") if name in given}
    fields = {**IDS, "watch_time": "position", "observed_at": "at", **given}
    return FileMapping.model_validate({"fields": fields, **options})


def row_of(mapping: FileMapping, **cells: Any) -> ImportRow:
    found = mapped_row({**RECORD, "position": "10", "at": TIME, **cells}, mapping)
    assert isinstance(found, ImportRow), found
    return found


def error_of(mapping: FileMapping, **cells: Any) -> str:
    """The field that is rejected."""
    found = mapped_row({**RECORD, "position": "10", "at": TIME, **cells}, mapping)
    assert isinstance(found, Invalid), found
    return found.errors[0].field


@pytest.mark.parametrize(
    ("unit", "cell", "seconds"),
    [
        ("seconds", "12.5", 12.5),
        ("seconds", 12.5, 12.5),
        ("milliseconds", "12500", 12.5),
        ("minutes", "1.5", 90),
        ("hours", "0.5", 1_800),
        ("clock", "1:02:03", 3_723),
        ("clock", "02:03.5", 123.5),
        ("seconds", " 1 234 ", 1_234),
    ],
)
def test_position_is_converted_to_seconds(unit: str, cell: Any, seconds: float):
    mapping = a_mapping(watch_time={"column": "position", "unit": unit})

    assert row_of(mapping, position=cell).position_seconds == seconds


def test_percent_stays_percent_until_the_length_is_known():
    mapping = a_mapping(watch_time={"column": "position", "unit": "percent"})

    row = row_of(mapping, position="45%")

    assert (row.position_percent, row.position_seconds, row.has_position) == (45, None, True)
    assert error_of(mapping, position="101") == "watch_time"


def test_decimal_comma():
    assert row_of(a_mapping(decimal=","), position="1.234,5").position_seconds == 1_234.5


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("iso", "2025-06-01T10:30:00+02:00"),
        ("iso", "2025-06-01 10:30:00"),
        ("unix", "1748766600"),
        ("unix", 1_748_766_600),
        ("unix_ms", "1748766600000"),
        ("%d.%m.%Y %H:%M", "01.06.2025 10:30"),
    ],
)
def test_time_is_converted_by_format_and_zone(form: str, cell: Any):
    mapping = a_mapping(observed_at={"column": "at", "format": form}, time_zone="Europe/Berlin")

    assert row_of(mapping, at=cell).observed_at == MORNING


def test_ids_are_converted():
    mapping = a_mapping(
        student_id={"column": "user", "lower": True, "strip_suffix": "@uni.example"},
        video_id={"column": "clip", "strip_prefix": "https://x/", "values": {"7": "intro"}},
    )

    row = row_of(mapping, user="Ana@Uni.example", clip="https://x/7")

    assert (row.student_id, row.material_id) == ("ana", "intro")
    assert error_of(mapping, clip="https://x/8") == "video_id"


def test_completion_may_depend_on_another_column():
    completed = {"column": "at", "only_if": {"column": "state", "is": ["1", "2"]}}
    mapping = a_mapping(completed_at=completed)

    assert row_of(mapping, state="2").completed_at == MORNING
    assert row_of(mapping, state="0").completed_at is None


def test_empty_values_and_constants():
    mapping = a_mapping(
        total_duration={"value": "600"}, completed_at={"column": "done", "empty": ["0", "-"]}
    )

    assert row_of(mapping, done="-").completed_at is None
    assert row_of(mapping, done="-").duration_seconds == 600


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"user": ""}, "student_id"),
        ({"user": "a b"}, "student_id"),
        ({"user": {"name": "ana"}}, "student_id"),
        ({"clip": "a/b"}, "video_id"),
        ({"clip": "x" * 5_000}, "video_id"),
        ({"position": "ten"}, "watch_time"),
        ({"position": "1e5"}, "watch_time"),
        ({"position": "NaN"}, "watch_time"),
        ({"position": ""}, "watch_time"),
        ({"position": float("inf")}, "watch_time"),
        ({"at": ""}, "observed_at"),
        ({"at": "yesterday"}, "observed_at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "observed_at"),
    ],
)
def test_bad_value_is_rejected_by_its_field(cells: dict[str, Any], field: str):
    assert error_of(a_mapping(), **cells) == field


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    record=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["user", "clip", "position", "at", "done", "state"], json_values)
    ),
    unit=st.sampled_from(["seconds", "milliseconds", "minutes", "clock", "percent"]),
    form=st.sampled_from(["iso", "unix", "unix_ms", "%Y-%m-%d"]),
)
def test_any_record_is_a_row_or_rejected(record: dict[str, Any], unit: str, form: str):
    mapping = a_mapping(
        watch_time={"column": "position", "unit": unit},
        observed_at={"column": "at", "format": form},
        completed_at={"column": "done", "only_if": {"column": "state", "is": ["1"]}},
    )

    assert isinstance(mapped_row(record, mapping), ImportRow | Invalid)


def test_json_paths_lead_into_objects():
    mapping = FileMapping.model_validate(
        {"fields": {"student_id": "user.id", "video_id": "clip", "completed_at": "at"}}
    )
    lines = b'{"user": {"id": 7}, "clip": "intro", "at": "2025-06-01T08:30:00Z"}\n[]\n{\n'

    first, *others = json_rows(io.BytesIO(lines), mapping)

    assert first == ImportRow("7", "intro", completed_at=MORNING)
    assert [type(row) for row in others] == [Invalid, Invalid]


def test_table_without_a_mapped_column_is_rejected():
    with pytest.raises(Invalid, match="position"):
        table_rows(io.BytesIO(b"user,clip,at\n"), a_mapping())


# -- mapping files -----------------------------------------------------------------------------


def test_mapping_is_read_from_toml_and_json(tmp_path: Path):
    as_toml, as_json = tmp_path / "m.toml", tmp_path / "m.json"
    as_toml.write_text('[fields]\nstudent_id = "user"\nvideo_id = "clip"\n')
    as_json.write_text('{"fields": {"student_id": "user", "video_id": "clip"}}')

    assert read_mapping(as_toml) == read_mapping(as_json)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "neither TOML nor JSON"),
        ("", "fields"),
        ('[fields]\nstudent_id = "a"\n', "video_id"),
        ('[fields]\nstudent_id = "a"\nvideo_id = "b"\nx = "c"\n', "fields.x"),
        ('time_zone = "Mars"\n[fields]\nstudent_id = "a"\nvideo_id = "b"\n', "time_zone"),
        ('encoding = "x"\n[fields]\nstudent_id = "a"\nvideo_id = "b"\n', "encoding"),
        ('[fields]\nstudent_id = "a"\nvideo_id = {column = "a", value = "b"}\n', "either"),
        (
            '[fields]\nstudent_id = "a"\nvideo_id = "b"\nwatch_time = {column = "a", unit = "x"}\n',
            "unit",
        ),
    ],
)
def test_bad_mapping_is_rejected_with_its_place(tmp_path: Path, text: str, message: str):
    file = tmp_path / "mapping.toml"
    file.write_text(text)

    with pytest.raises(StartupError, match=message):
        read_mapping(file)


def test_missing_mapping_is_rejected(tmp_path: Path):
    with pytest.raises(StartupError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
