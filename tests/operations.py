"""The operations of the OpenAPI document, each with a request built from its examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from progress_service.app import create_app
from tests.builders import a_settings

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
OPEN = {"/healthz", "/readyz", "/metrics"}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def address(self) -> str:
        """The path with its example parameters."""
        examples = {
            p["name"]: p["schema"].get("examples", [p.get("example", "demo")])[0]
            for p in self.described.get("parameters", ())
            if p["in"] == "path"
        }
        return re.sub(r"\{(\w+)\}", lambda m: str(examples.get(m[1], "demo")), self.path)

    @property
    def wants_body(self) -> bool:
        """True if it takes JSON; tables and lines have tests of their own."""
        return "application/json" in self.content

    @property
    def content(self) -> dict[str, Any]:
        """The body by media type; empty if the operation takes none."""
        found: dict[str, Any] = self.described.get("requestBody", {}).get("content", {})
        return found

    @property
    def body_schema(self) -> dict[str, Any]:
        """The schema of the body, by reference."""
        content = self.content["application/json"]
        schema: dict[str, Any] = content["schema"]
        return schema


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])


DOCUMENT = create_app(a_settings()).openapi()
ALL = list(operations(DOCUMENT))
GUARDED = [operation for operation in ALL if operation.path not in OPEN]


def example_of(operation: Operation) -> Any:
    """The first example of the body, from any part of the document that may have it."""
    examples = examples_of(operation)
    return examples[0] if examples else None


def body_of(operation: Operation) -> dict[str, Any]:
    """The arguments with which httpx sends the first example of the body."""
    if operation.wants_body or not operation.content:
        return {"json": example_of(operation)}
    media_type, described = next(iter(operation.content.items()))
    return {"content": described["example"], "headers": {"Content-Type": media_type}}


def examples_of(operation: Operation) -> list[Any]:
    """Every example of the body."""
    if not operation.wants_body:
        return []
    content = operation.content["application/json"]
    if "examples" in content:
        return [example["value"] for example in content["examples"].values()]
    if "example" in content:
        return [content["example"]]
    found: list[Any] = resolved(content["schema"])["examples"]
    return found


def queries(operation: Operation) -> dict[str, Any]:
    """The examples of the query parameters."""
    return {
        p["name"]: p["schema"]["examples"][0]
        for p in operation.described.get("parameters", ())
        if p["in"] == "query" and p["schema"].get("examples")
    }


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference points to."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
