"""Schemas rewritten so that common client generators read all of them alike.

Pydantic's JSON schemas are correct, but several generators give up on parts of them: a pair by
`prefixItems` becomes a list of anything, each `anyOf` with null becomes a type of its own, and a
property with a default becomes one that callers must send. What is said stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
PREFIX = "#/components/schemas/"
_NULL = {"type": "null"}
_NULLABLE: dict[str, Schema] = {
    "NullableText": {"type": ["string", "null"]},
    "NullableTime": {"type": ["string", "null"], "format": "date-time"},
    "NullableNumber": {"type": ["number", "null"]},
}


def make_portable(document: Schema) -> None:
    """Rewrite the schemas of *document* in place."""
    requested = _names_in_requests(document)
    schemas: dict[str, Schema] = document["components"]["schemas"]
    nullable: dict[str, Schema] = {}
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            plain = _without_default(_portable(described), is_request=name in requested)
            schema["properties"][field] = _with_named_null(plain, nullable)
    schemas |= dict(sorted(nullable.items()))
    for operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _never_null(_portable(parameter["schema"]))
        for media in operation.get("requestBody", {}).get("content", {}).values():
            media["schema"] = _sent(_portable(media["schema"]))


def _portable(schema: Schema) -> Schema:
    """*schema*, and what is inside it, without titles, tuples, and unions with null."""
    plain = {name: value for name, value in schema.items() if name != "title"}
    if (elements := plain.pop("prefixItems", None)) is not None:
        plain["items"] = _only(elements)
    for name in ("items", "additionalProperties"):
        if isinstance(plain.get(name), dict):
            plain[name] = _portable(plain[name])
    if "anyOf" in plain:
        choices = [_portable(choice) for choice in plain.pop("anyOf")]
        plain = _united(choices) | plain
    return plain


def _united(choices: list[Schema]) -> Schema:
    """`{"type": ["string", "null"]}` for a simple type or null; other unions as they are."""
    others = [choice for choice in choices if choice != _NULL]
    if len(others) < len(choices) and len(others) == 1 and "type" in others[0]:
        return {**others[0], "type": [others[0]["type"], "null"]}
    return {"anyOf": choices}


def _with_named_null(schema: Schema, nullable: dict[str, Schema]) -> Schema:
    """A value or null by reference to one of a few *nullable* schemas, which is added there.

    A generator that names each such union then has a handful of types instead of one a field.
    """
    core: Schema = {key: schema[key] for key in ("type", "format", "anyOf") if key in schema}
    if _NULL in schema.get("anyOf", ()) and "$ref" in schema["anyOf"][0]:
        name = "Nullable" + schema["anyOf"][0]["$ref"].removeprefix(PREFIX)
    else:
        name = next((name for name, simple in _NULLABLE.items() if simple == core), "")
    if not name:
        return schema
    nullable[name] = core
    rest = {key: value for key, value in schema.items() if key not in core}
    return {"$ref": PREFIX + name, **rest}


def _never_null(schema: Schema) -> Schema:
    """A parameter is given as text or left out."""
    if isinstance(schema.get("type"), list):
        return {**schema, "type": schema["type"][0]}
    return schema


def _sent(schema: Schema) -> Schema:
    """A body that may be left out is not null when it is sent."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != _NULL]
    return choices[0] if len(choices) == 1 else schema


def _only(elements: list[Schema]) -> Schema:
    if any(element != elements[0] for element in elements):
        raise ValueError(f"a tuple of different types cannot be written as a list: {elements}")
    return elements[0]


def _without_default(schema: Schema, *, is_request: bool) -> Schema:
    """A default as a sentence: generators take the keyword for "always there".

    In a response the field is always there, whatever the model would put in.
    """
    if "default" not in schema:
        return schema
    plain = {name: value for name, value in schema.items() if name != "default"}
    if is_request and schema["default"] is not None:
        sentence = f"Default: `{_as_json(schema['default'])}`."
        plain["description"] = " ".join(filter(None, [plain.get("description"), sentence]))
    return plain


def _as_json(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value in ((), []) else str(value)


def _names_in_requests(document: Schema) -> set[str]:
    """The schemas that a request body refers to, directly or not."""
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    waiting = [
        name
        for operation in _operations(document)
        for name in _references(operation.get("requestBody", {}))
    ]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return found


def _operations(document: Schema) -> Iterator[Schema]:
    for path in document["paths"].values():
        yield from path.values()


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "$ref":
                yield str(inner).removeprefix(PREFIX)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
