"""An invalid body of any kind gets a 4xx problem, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from progress_service.mongo.client import Database
from tests.builders import a_token, bearer
from tests.conftest import CallerOf
from tests.operations import GUARDED, Operation, example_of
from tests.security.checksums import checksum
from tests.security.hostile_bodies import JSON, Headers, invalid_fields, whole_bodies

WITH_BODY = [operation for operation in GUARDED if operation.wants_body]
with_body = pytest.mark.parametrize("operation", WITH_BODY, ids=str)

FOR_SERVICES = ("/api/catalog", "/api/webhooks", "/api/progress/students/")

pytestmark = pytest.mark.usefixtures("demo", "webhook")


@with_body
async def test_body_invalid_as_a_whole_is_rejected(
    caller: CallerOf, database: Database, operation: Operation
):
    assert await not_rejected(caller, database, operation, whole_bodies(operation)) == []


@with_body
async def test_body_with_a_field_of_the_wrong_type_is_rejected(
    caller: CallerOf, database: Database, operation: Operation
):
    assert await not_rejected(caller, database, operation, invalid_fields(operation)) == []


@with_body
async def test_body_example_of_the_document_is_accepted(caller: CallerOf, operation: Operation):
    response = await client_of(caller, operation).request(
        operation.method, operation.address, json=example_of(operation)
    )

    assert response.status_code == 200


@with_body
async def test_body_that_never_ends_stores_nothing(
    app: FastAPI, database: Database, operation: Operation
):
    """The client disconnects after a valid body whose last chunk is missing."""
    before = await checksum(database)
    subject, role = sender_of(operation)
    raw = json.dumps(example_of(operation)).encode()
    messages: list[Message] = [
        {"type": "http.request", "body": raw, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"transfer-encoding": "chunked", **JSON, **bearer(a_token(subject, role))}
    await app(_scope(operation, headers), receive, send)

    assert [m["status"] for m in sent if m.get("status", 400) < 400 or m.get("status") == 500] == []
    assert await checksum(database) == before


# -- checks of a response ----------------------------------------------------------------------


def sender_of(operation: Operation) -> tuple[str, Any]:
    """Who may make the call."""
    is_for_services = operation.path.startswith(FOR_SERVICES)
    return ("importer", "service") if is_for_services else ("ana", "student")


def client_of(caller: CallerOf, operation: Operation) -> httpx.AsyncClient:
    return caller(*sender_of(operation))


async def not_rejected(
    caller: CallerOf,
    database: Database,
    operation: Operation,
    bodies: Iterable[tuple[str, bytes, Headers]],
) -> list[tuple[str, int, str]]:
    """The bodies that were not rejected as expected."""
    before = await checksum(database)
    sender = client_of(caller, operation)
    unexpected = []
    for name, content, headers in bodies:
        response = await sender.request(
            operation.method, operation.address, content=content, headers=headers
        )
        now = await checksum(database)
        if now != before or not is_rejected(response):
            unexpected.append((name, response.status_code, response.text[:200]))
        before = now
    return unexpected


def is_rejected(response: httpx.Response) -> bool:
    """True for a 4xx problem, and for a batch of events of which none was accepted."""
    if response.status_code == 200 and str(response.request.url).endswith("/events"):
        return {result["status"] for result in response.json()["results"]} == {"rejected"}
    return (
        400 <= response.status_code < 500
        and response.status_code != 429  # which would prove nothing about the body
        and response.headers["content-type"] == "application/problem+json"
        and response.json()["status"] == response.status_code
        and response.json()["request_id"] == response.headers["x-request-id"]
    )


def _scope(operation: Operation, headers: Headers) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": operation.method.upper(),
        "scheme": "http",
        "server": ("service", 80),
        "client": ("127.0.0.1", 50_000),
        "path": operation.address,
        "raw_path": operation.address.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"host": "service", **headers}.items()
        ],
        "state": {},
    }
