"""Whatever the body is: a 4xx problem, and nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.mongo.client import Database
from tests.builders import a_token, bearer
from tests.conftest import CallerOf
from tests.operations import GUARDED, Operation, example_of
from tests.security.checksums import checksum
from tests.security.hostile_bodies import JSON, Headers, whole_bodies, wrong_fields

WITH_BODY = [operation for operation in GUARDED if operation.wants_body]
with_body = pytest.mark.parametrize("operation", WITH_BODY, ids=str)

pytestmark = pytest.mark.usefixtures("demo")


@with_body
async def test_a_body_that_is_wrong_as_a_whole_is_refused(
    caller: CallerOf, database: Database, operation: Operation
):
    assert await wrongly_answered(caller, database, operation, whole_bodies(operation)) == []


@with_body
async def test_each_field_of_the_wrong_type_is_refused(
    caller: CallerOf, database: Database, operation: Operation
):
    assert await wrongly_answered(caller, database, operation, wrong_fields(operation)) == []


@with_body
async def test_the_example_that_the_hostile_bodies_are_made_of_is_accepted(
    caller: CallerOf, operation: Operation
):
    answer = await editor_or_student(caller, operation).request(
        operation.method, operation.address, json=example_of(operation)
    )

    assert answer.status_code == 200


@with_body
async def test_a_body_that_never_ends_stores_nothing(
    app: FastAPI, database: Database, operation: Operation
):
    """The peer leaves after a valid body whose last chunk is missing."""
    before = await checksum(database)
    subject, role = sender_of(operation)
    raw = json.dumps(example_of(operation)).encode()
    messages = [
        {"type": "http.request", "body": raw, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = {"transfer-encoding": "chunked", **JSON, **bearer(a_token(subject, role))}
    await app(_scope(operation, headers), receive, send)

    assert [m["status"] for m in sent if m.get("status", 400) < 400 or m.get("status") == 500] == []
    assert await checksum(database) == before


# -- how an answer is judged -------------------------------------------------------------------


def sender_of(operation: Operation) -> tuple[str, Any]:
    """Who may make the call."""
    is_catalog = operation.path.startswith("/api/catalog")
    return ("importer", "service") if is_catalog else ("ana", "student")


def editor_or_student(caller: CallerOf, operation: Operation) -> httpx.AsyncClient:
    return caller(*sender_of(operation))


async def wrongly_answered(
    caller: CallerOf,
    database: Database,
    operation: Operation,
    bodies: Iterable[tuple[str, bytes, Headers]],
) -> list[tuple[str, int, str]]:
    """The bodies that were not refused as they should be."""
    before = await checksum(database)
    sender = editor_or_student(caller, operation)
    wrong = []
    for name, content, headers in bodies:
        answer = await sender.request(
            operation.method, operation.address, content=content, headers=headers
        )
        now = await checksum(database)
        if now != before or not is_refused(answer):
            wrong.append((name, answer.status_code, answer.text[:200]))
        before = now
    return wrong


def is_refused(answer: httpx.Response) -> bool:
    """True for a 4xx problem, and for a batch of events of which none was accepted."""
    if answer.status_code == 200 and str(answer.request.url).endswith("/events"):
        return {result["status"] for result in answer.json()["results"]} == {"rejected"}
    return (
        400 <= answer.status_code < 500
        and answer.status_code != 429  # which would say nothing about the body
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["status"] == answer.status_code
        and answer.json()["request_id"] == answer.headers["x-request-id"]
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
