"""What common client generators require of the OpenAPI document."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from progress_service.edge.portable_schemas import make_portable
from progress_service.edge.problem_codes import CODES, all_codes
from progress_service.edge.problems import STATUS
from progress_service.errors import ServiceError
from tests.operations import ALL, DOCUMENT, GUARDED, Operation

SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
PREFIX = "#/components/schemas/"
SOURCES = Path(__file__).parents[2] / "src" / "progress_service"


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in *value*, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from inside(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from inside(inner)


def reachable(value: Any) -> set[str]:
    """The names of the schemas that *value* refers to, directly or not."""
    found: set[str] = set()
    pending = [value]
    while pending:
        for one in inside(pending.pop()):
            name = str(one.get("$ref", "")).removeprefix(PREFIX)
            if name and name not in found:
                found.add(name)
                pending.append(SCHEMAS[name])
    return found


REQUESTS = reachable([operation.described.get("requestBody") for operation in ALL])
RESPONSES = reachable([operation.described["responses"] for operation in ALL])
SOCKETS = reachable(DOCUMENT["x-websocket"]["sent-by-the-service"])
SOMETIMES_ABSENT = {
    "Problem.errors",
    "EventResult.retry",
    "ImportResult.code",
    "ImportResult.detail",
}


def test_request_schemas_have_no_defaults():
    fields_with_default = [
        f"{name}.{field}"
        for name in REQUESTS
        for field, schema in SCHEMAS[name].get("properties", {}).items()
        if "default" in schema
    ]

    assert fields_with_default == []


def test_request_schemas_require_only_fields_without_a_default():
    required = {name: sorted(SCHEMAS[name].get("required", ())) for name in REQUESTS}

    assert required == {
        "ReportBody": ["total_duration", "watch_time"],
        "EventBody": ["event_id", "total_duration", "video_id", "watch_time"],
        "EventsBody": ["events", "sent_at"],
        "CompletionBody": [],
        "VideoIds": ["video_ids"],
        "StudentIds": ["student_ids"],
        "CourseBody": ["teacher_ids", "title"],
        "MaterialBody": ["material_id", "title", "type"],
        "ChapterBody": ["start_seconds", "title"],
        "SegmentBody": ["end_seconds", "start_seconds"],
        "WebhookBody": ["events", "url"],
        "ReplayBody": ["since"],
        "ImportRowBody": ["student_id", "video_id"],
        "PreferencesBody": ["history"],
    } | {name: [] for name in REQUESTS if name.startswith("Nullable")}


def test_response_schemas_require_every_field_that_is_always_present():
    optional = {
        f"{name}.{field}"
        for name in RESPONSES | SOCKETS
        for field in SCHEMAS[name].get("properties", {})
        if field not in SCHEMAS[name].get("required", ())
    }

    assert optional == SOMETIMES_ABSENT


def test_span_schemas_are_lists_of_two_numbers():
    pairs = [
        SCHEMAS[name]["properties"][field]
        for name, field in (
            ("ReportBody", "played"),
            ("EventBody", "played"),
            ("Status", "watched_spans"),
        )
    ]

    for schema in pairs:
        assert schema["items"]["items"]["type"] == "number"
        assert (schema["items"]["minItems"], schema["items"]["maxItems"]) == (2, 2)
    assert [one for one in inside(DOCUMENT) if "prefixItems" in one] == []


def test_list_schemas_describe_their_items():
    lists = [one for one in inside(DOCUMENT) if one.get("type") in ("array", ["array", "null"])]

    assert lists
    assert [one for one in lists if not isinstance(one.get("items"), dict)] == []


def test_nullable_schemas_are_defined_once_for_each_type():
    """Generators create one type for each union, so fields share the unions."""
    unions = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, described in schema.get("properties", {}).items()
        if any(choice == {"type": "null"} for choice in described.get("anyOf", ()))
    ]
    named = sorted(name for name in SCHEMAS if name.startswith("Nullable"))

    assert unions == []
    assert named == [
        "NullableChapterBody",
        "NullableDropOffResponse",
        "NullableNextMaterial",
        "NullableNumber",
        "NullableSegmentBody",
        "NullableText",
        "NullableTime",
    ]


def test_tuple_of_different_types_is_rejected():
    """A list schema would describe it incorrectly."""
    mixed = {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]}
    document = {
        "paths": {},
        "components": {"schemas": {"Mixed": {"properties": {"pair": mixed}}}},
    }

    with pytest.raises(ValueError, match="tuple"):
        make_portable(document)


def test_document_has_a_contact():
    assert DOCUMENT["info"]["contact"]["name"]


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """The location, the schema and the value of each example."""
    for name, schema in SCHEMAS.items():
        for example in schema.get("examples", ()):
            yield name, {"$ref": f"{PREFIX}{name}"}, example
        for field, described in schema.get("properties", {}).items():
            for example in described.get("examples", ()):
                yield f"{name}.{field}", described, example
    for operation in ALL:
        for parameter in operation.described.get("parameters", ()):
            for example in parameter["schema"].get("examples", ()):
                yield f"{operation} {parameter['name']}", parameter["schema"], example


@pytest.mark.parametrize(("where", "schema", "example"), [*examples()])
def test_example_matches_its_schema(where: str, schema: dict[str, Any], example: Any):
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})

    assert list(validator.iter_errors(example)) == []


# -- problems ----------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_operation_documents_an_unexpected_error(operation: Operation):
    content = operation.described["responses"]["500"]["content"]

    assert content == {"application/problem+json": {"schema": {"$ref": f"{PREFIX}Problem"}}}


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_operation_documents_the_errors_of_any_authenticated_call(operation: Operation):
    assert {"401", "403", "422", "429", "500", "503"} <= set(operation.described["responses"])


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_operation_lists_the_codes_of_each_status(operation: Operation):
    for status, response in operation.described["responses"].items():
        for code in CODES.get(int(status), ()):
            assert f"`{code}`" in response["description"]


def test_problem_codes_are_listed_and_may_grow():
    assert SCHEMAS["ProblemCode"]["enum"] == all_codes()
    assert SCHEMAS["Problem"]["properties"]["code"]["anyOf"] == [
        {"$ref": f"{PREFIX}ProblemCode"},
        {"type": "string"},
    ]
    for code in all_codes():
        assert f"`{code}`" in SCHEMAS["ProblemCode"]["description"]


def test_problem_codes_in_the_source_are_documented():
    used = set(_codes_in_source()) - {"error"}  # the base class is never raised

    assert used - set(all_codes()) == set(), "add them to edge/problem_codes.py"


def test_problem_codes_of_error_classes_are_listed_under_their_status():
    classes = [kind for kind in STATUS if issubclass(kind, ServiceError)]

    assert [kind for kind in classes if kind.code not in CODES[STATUS[kind]]] == []


def _codes_in_source() -> Iterator[str]:
    """Codes given as `code=…`, set on an error class, or built from the name of a missing thing."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from _codes_of_call(node)
            elif isinstance(node, ast.ClassDef) and path.name == "errors.py":
                for line in node.body:
                    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                        yield str(line.value.value)


def _codes_of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    for keyword in call.keywords:
        if keyword.arg == "code" and not name.startswith("log"):
            yield from _texts(keyword.value)
    if name in ("RejectedRequest", "NotFound") and call.args:
        for text in _texts(call.args[1] if name == "RejectedRequest" else call.args[0]):
            yield text if name == "RejectedRequest" else f"{text}_not_found"


def _texts(node: ast.AST) -> list[str]:
    return [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and re.fullmatch(r"[a-z][a-z_]+", one.value)
    ]


def test_document_is_plain_json():
    """No NaN and no infinity: other languages cannot parse them."""
    assert json.loads(json.dumps(DOCUMENT, allow_nan=False)) == DOCUMENT
