"""Statements of the xAPI Video Profile, from any learning record store."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import ServiceError
from progress_service.imports.mapping import XAPI_DEFAULT, FileMapping
from progress_service.imports.rows import Ignored, ImportRow, ParsedRow
from progress_service.imports.statement_reader import READ_CHARACTERS, statement_rows
from progress_service.imports.statements import statement_row

VIDEO = "https://w3id.org/xapi/video"
ADL = "http://adlnet.gov/expapi/verbs"
AT = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)
MAPPING = FileMapping.model_validate(
    {
        "fields": {
            "student_id": "actor",
            "video_id": {"column": "object.id", "strip_prefix": "https://lms.example/video/"},
        }
    }
)


def a_statement(verb_id: str = f"{VIDEO}/verbs/paused", **given: Any) -> dict[str, Any]:
    """Ana paused the intro at 125.5 of 600 seconds; *given* parts replace others."""
    return {
        "actor": {"account": {"homePage": "https://lms.example", "name": "ana"}},
        "verb": {"id": verb_id},
        "object": {"id": "https://lms.example/video/intro"},
        "result": {
            "extensions": {
                f"{VIDEO}/extensions/time": 125.5,
                f"{VIDEO}/extensions/played-segments": "0[.]100.5[,]100.5[.]125.5[,]200[.]210",
            }
        },
        "context": {"extensions": {f"{VIDEO}/extensions/length": 600}},
        "timestamp": "2025-06-01T10:30:00+02:00",
        **given,
    }


def row_of(statement: dict[str, Any], mapping: FileMapping = MAPPING) -> ImportRow:
    found = statement_row(statement, mapping)
    assert isinstance(found, ImportRow), found
    return found


def test_position_length_segments_and_time_are_read():
    assert row_of(a_statement()) == ImportRow(
        student_id="ana",
        material_id="intro",
        position_seconds=125.5,
        duration_seconds=600,
        observed_at=AT,
        played=((0, 125.5), (200, 210)),
    )


def test_seeked_has_the_target_as_position():
    extensions = {f"{VIDEO}/extensions/time-from": 10, f"{VIDEO}/extensions/time-to": 90}
    statement = a_statement(f"{VIDEO}/verbs/seeked", result={"extensions": extensions})

    assert row_of(statement).position_seconds == 90


def test_completed_is_a_completion_with_or_without_a_position():
    assert row_of(a_statement(f"{ADL}/completed")).completed_at == AT

    bare = row_of(a_statement(f"{ADL}/completed", result={"completion": True}, context={}))
    assert bare == ImportRow("ana", "intro", completed_at=AT)


@pytest.mark.parametrize("verb", ["initialized", "interacted"])
def test_verbs_without_a_position_are_ignored(verb: str):
    assert isinstance(statement_row(a_statement(f"{ADL}/{verb}"), MAPPING), Ignored)


def test_video_is_the_end_of_its_address_without_a_mapping():
    statement = a_statement(object={"id": "https://lms.example/course/1/video/hooks/"})

    assert row_of(statement, XAPI_DEFAULT).material_id == "hooks"


def test_actor_may_be_a_mail_address():
    statement = a_statement(actor={"mbox": "mailto:ana@uni.example"})

    assert row_of(statement).student_id == "ana@uni.example"


def test_mapping_may_name_a_part_of_the_statement():
    fields = {"student_id": "actor.account.name", "video_id": "context.contextActivities.x"}
    mapping = FileMapping.model_validate({"fields": fields})
    context = {"contextActivities": {"x": "hooks"}}

    assert row_of(a_statement(context=context), mapping).material_id == "hooks"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"verb": {"id": f"{ADL}/answered"}}, "unsupported_statement"),
        ({"verb": "paused"}, "unsupported_statement"),
        ({"verb": {"id": []}}, "unsupported_statement"),
        ({"actor": {"objectType": "Group", "member": []}}, "invalid"),
        ({"actor": None}, "invalid"),
        ({"object": {"id": "https://elsewhere.example/a"}}, "invalid"),
        ({"object": []}, "invalid"),
        ({"timestamp": "yesterday"}, "invalid"),
        ({"timestamp": 5}, "invalid"),
        ({"result": {}}, "invalid"),
        ({"result": {"extensions": {f"{VIDEO}/extensions/time": "125.5"}}}, "invalid"),
        ({"result": {"extensions": {f"{VIDEO}/extensions/time": True}}}, "invalid"),
        ({"context": {"extensions": {f"{VIDEO}/extensions/length": "PT10M"}}}, "invalid"),
    ],
)
def test_foreign_or_incomplete_statement_is_rejected(changed: dict[str, Any], field: str):
    found = statement_row(a_statement(**changed), MAPPING)

    assert isinstance(found, ServiceError)
    assert found.code == field


@pytest.mark.parametrize("segments", ["5[.]3", "0[.]", "0-5", "0[.]5[,]", 7, "[.]", "-1[.]5"])
def test_malformed_segments_are_rejected(segments: object):
    extensions = {
        f"{VIDEO}/extensions/time": 5,
        f"{VIDEO}/extensions/played-segments": segments,
    }

    found = statement_row(a_statement(result={"extensions": extensions}), MAPPING)

    assert isinstance(found, ServiceError)
    assert "0[.]12.5[,]20[.]33" in found.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    parts=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["actor", "verb", "object", "result", "context"], json_values)
    ),
    time=json_values,
    segments=json_values,
)
def test_any_statement_is_a_row_or_rejected(parts: dict[str, Any], time: Any, segments: Any):
    extensions = {
        f"{VIDEO}/extensions/time": time,
        f"{VIDEO}/extensions/played-segments": segments,
    }
    for statement in (a_statement(**parts), a_statement(result={"extensions": extensions})):
        assert isinstance(statement_row(statement, MAPPING), ImportRow | Ignored | ServiceError)


# -- files -------------------------------------------------------------------------------------


def rows_in(content: str) -> list[ParsedRow]:
    return list(statement_rows(io.BytesIO(content.encode()), MAPPING))


@pytest.mark.parametrize("count", [0, 1, 3, 500])
def test_lines_arrays_and_responses_have_the_same_statements(count: int):
    statements = [a_statement() for _ in range(count)]
    as_lines = "".join(json.dumps(one) + "\n" for one in statements)
    as_array = json.dumps(statements, indent=1)
    as_response = json.dumps({"more": "", "statements": statements})

    found = [rows_in(text) for text in (as_lines, as_array, "\ufeff" + as_array, as_response)]

    assert found == [[row_of(a_statement())] * count] * 4


def test_long_statement_is_read_across_blocks():
    long = a_statement(note="x" * 3 * READ_CHARACTERS)

    assert len(rows_in(json.dumps([long, long]))) == 2


@pytest.mark.parametrize("rest", ["{", '{"a": }]', "nul", "", '{"a": 1'])
def test_array_that_breaks_off_ends_with_an_error(rest: str):
    *rows, last = rows_in("[" + json.dumps(a_statement()) + "," + rest)

    assert rows == [row_of(a_statement())]
    assert isinstance(last, ServiceError)


def test_elements_that_are_no_statements_are_rejected():
    rows = rows_in(f'[1, "x", null, {json.dumps(a_statement())}]')

    assert [isinstance(row, ServiceError) for row in rows] == [True, True, True, False]


@given(content=st.binary(max_size=300))
def test_any_bytes_are_statements_or_rejected(content: bytes):
    for start in (b"", b"[", b'{"statements": ['):
        for row in statement_rows(io.BytesIO(start + content), XAPI_DEFAULT):
            assert isinstance(row, ImportRow | Ignored | ServiceError)
