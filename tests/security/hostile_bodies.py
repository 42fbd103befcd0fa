"""Bodies that every operation must reject, generated from the OpenAPI document."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from progress_service.edge.problems import MAX_BODY_BYTES, MAX_LARGE_BODY_BYTES
from tests.operations import DOCUMENT, Operation, examples_of, resolved
from tests.security.hostile_tokens import nested

Headers = dict[str, str]
JSON: Headers = {"Content-Type": "application/json"}
_PLACEHOLDER = "the-field-that-is-replaced"

UNPARSABLE = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "minus Infinity": "-Infinity",
    "1e400": "1e400",
    "minus 1e400": "-1e400",
    "an integer of 5,000 digits": "9" * 5_000,
    "nested 100 deep": nested(100),
    "nested 100,000 deep": nested(100_000),
    "objects nested 100,000 deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a lone surrogate": '"\\ud800"',
    "surrogates in the wrong order": '"\\udc00\\ud800"',
    "an unknown escape": '"\\x00"',
    "a raw control character": '"\x00"',
    "a comment": "/* 1 */ 1",
    "hexadecimal": "0x10",
    "a leading zero": "007",
    "single quotes": "'a'",
}
"""Invalid as any value, whatever the schema says."""

WRONG_TYPES = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "minus one": "-1",
    "the largest double": "1.7976931348623157e308",
    "text": '"text"',
    "empty text": '""',
    "a NUL": '"\\u0000"',
    "a numeric text": '"1"',
    "100,000 letters": '"' + "a" * 100_000 + '"',
    "an object": "{}",
    "a query operator": '{"$gt": 0}',
    "a list": "[]",
    "a list of lists": "[[]]",
}
"""Invalid where the schema says so."""


def whole_bodies(operation: Operation) -> Iterator[tuple[str, bytes, Headers]]:
    """Name, content and headers of bodies that are invalid as a whole."""
    example = _example(operation)
    text = json.dumps(example)
    raw = text.encode()
    first = next(iter(example))
    repeated = f'{text[:-1]}, "{first}": {{}}}}'
    unknown = ",".join(f'"{number:x}":0' for number in range(100_000))
    for name, value in UNPARSABLE.items():
        yield f"the body is {name}", value.encode(), JSON
    if operation.described["requestBody"].get("required"):
        yield "empty", b"", JSON
    yield "whitespace", b" \n\t ", JSON
    is_course = operation.method == "put" and operation.path == "/api/catalog/courses/{course_id}"
    max_bytes = MAX_LARGE_BODY_BYTES if is_course else MAX_BODY_BYTES
    yield "whitespace up to the limit", b" " * max_bytes, JSON
    yield "whitespace beyond the limit", b" " * (max_bytes + 1), JSON
    yield "a valid body with too much whitespace", raw + b" " * max_bytes, JSON
    yield "a list of bodies", f"[{text}]".encode(), JSON
    yield "text", json.dumps(text).encode(), JSON
    yield "null", b"null", JSON
    yield "two bodies", raw + raw, JSON
    yield "truncated", raw[:-1], JSON
    yield "a trailing comma", raw[:-1] + b",}", JSON
    yield "a repeated key whose last value is invalid", repeated.encode(), JSON
    yield "100,000 unknown fields", f"{text[:-1]},{unknown}}}".encode(), JSON
    yield "100,000 unknown fields and no other", f"{{{unknown}}}".encode(), JSON
    yield "a field of the prototype", f'{text[:-1]}, "__proto__": {{}}}}'.encode(), JSON
    yield "an operator as a field", f'{text[:-1]}, "$where": "1"}}'.encode(), JSON
    yield "a student in the body", f'{text[:-1]}, "student_id": "ben"}}'.encode(), JSON
    yield "not UTF-8", b'{"\xff\xfe": 1}', JSON
    yield "a surrogate in UTF-8", b'{"\xed\xa0\x80": 1}', JSON
    yield "an overlong NUL in UTF-8", b'{"\xc0\x80": 1}', JSON
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-7"):
        encoded = text.encode(encoding) if encoding != "utf-7" else b"+AHs-+AH0-"
        yield encoding, encoded, JSON
        yield (
            f"{encoding}, declared",
            encoded,
            {"Content-Type": f"application/json; charset={encoding}"},
        )
    yield "two byte order marks", b"\xef\xbb\xbf" * 2 + raw, JSON
    yield "a NUL before", b"\0" + raw, JSON
    yield "a NUL behind", raw + b"\0", JSON
    compressed = gzip.compress(raw)
    for name, content in {
        "gzip": compressed,
        "gzip, truncated": compressed[: len(compressed) // 2],
        "a gzip bomb": gzip.compress(bytes(100_000_000), compresslevel=9),
    }.items():
        yield name, content, {**JSON, "Content-Encoding": "gzip"}
        yield f"{name}, undeclared", content, JSON
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    yield "a form", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--', form
    yield "an unfinished form", b"--b\r\n" * 1_000, form
    yield "fields of a form", b"a=1&b=2", {"Content-Type": "application/x-www-form-urlencoded"}
    yield "XML", b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', {"Content-Type": "application/xml"}


def invalid_fields(operation: Operation) -> Iterator[tuple[str, bytes, Headers]]:
    """The example with one field replaced by an invalid value, for each field of the schema."""
    validator = Draft202012Validator(
        {**operation.body_schema, "components": DOCUMENT["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    for path, body in _with_placeholders(operation.body_schema, _example(operation)):
        before, _, after = json.dumps(body).partition(f'"{_PLACEHOLDER}"')
        for name, value in UNPARSABLE.items():
            yield f"{path} is {name}", f"{before}{value}{after}".encode(), JSON
        for name, value in WRONG_TYPES.items():
            text = f"{before}{value}{after}"
            if not validator.is_valid(json.loads(text)):
                yield f"{path} is {name}", text.encode(), JSON


def _example(operation: Operation) -> dict[str, Any]:
    """The fullest example of the body, with one element in each list."""
    fullest: dict[str, Any] = _shortened(max(examples_of(operation), key=lambda e: len(str(e))))
    return fullest


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list) and not all(isinstance(one, int | float) for one in value):
        return [_shortened(one) for one in value[:1]]
    return value


def _with_placeholders(schema: dict[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """For each field in *value*: its path, and the value with a placeholder in its place."""
    schema = _of_type(schema, value)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            yield name, {**value, name: _PLACEHOLDER}
            if name in value:
                for path, changed in _with_placeholders(inner, value[name]):
                    yield f"{name}.{path}", {**value, name: changed}
    if isinstance(value, list):
        for index, one in enumerate(value):
            inner = schema.get("items") or {}
            before, after = value[:index], value[index + 1 :]
            yield str(index), [*before, _PLACEHOLDER, *after]
            for path, changed in _with_placeholders(inner, one):
                yield f"{index}.{path}", [*before, changed, *after]


def _of_type(schema: dict[str, Any], value: Any) -> dict[str, Any]:
    """The alternative of *schema* that matches *value*."""
    names: dict[type, str] = {dict: "object", list: "array"}
    expected_type = names.get(type(value))
    alternatives = [resolved(one) for one in schema.get("anyOf", (schema,))]
    return next((one for one in alternatives if one.get("type") == expected_type), {})
