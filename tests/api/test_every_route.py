"""Checks of every operation in the OpenAPI document; new operations are included automatically."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.edge.token_verifier import Role
from tests.builders import a_body, with_every_role
from tests.conftest import CallerOf
from tests.operations import ALL, DOCUMENT, GUARDED, OPEN, Operation, body_of, example_of, queries

ERROR_STATUSES = {"401", "403", "422", "429", "503"}
ONE_PER_HOUR = {
    "watch_time_rate": "1/hour",
    "read_rate": "1/hour",
    "service_rate": "1/hour",
    "events_rate": "1/hour",
}


ONE_OF_EACH_ROLE: tuple[tuple[str, Role], ...] = (
    ("ana", "student"),
    ("demo-teacher", "teacher"),
    ("importer", "service"),
)

guarded = pytest.mark.parametrize("operation", GUARDED, ids=str)
every = pytest.mark.parametrize("operation", ALL, ids=str)


# -- authentication ----------------------------------------------------------------------------


async def test_app_routes_are_all_in_the_document(app: FastAPI):
    paths = {
        getattr(route, "path", "") for route in app.routes if not getattr(route, "methods", None)
    }
    hidden = {path for path in paths if path.startswith("/api")}

    assert {path for path in hidden if path not in DOCUMENT["paths"]} <= {"/api/progress/live"}
    assert all(o.path.startswith("/api") for o in GUARDED)


@guarded
async def test_operation_without_a_token_is_rejected(
    anyone: httpx.AsyncClient, operation: Operation
):
    response = await anyone.request(operation.method, operation.address, **body_of(operation))

    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == "Bearer"


@every
async def test_operation_with_a_malformed_token_is_rejected_or_open(
    anyone: httpx.AsyncClient, operation: Operation
):
    response = await anyone.request(
        operation.method,
        operation.address,
        content=b"\xff{",
        headers={"Authorization": "Bearer a.b.c", "Content-Type": "application/json"},
    )

    assert response.status_code == (200 if operation.path in OPEN else 401)


# -- rate limits -------------------------------------------------------------------------------


@guarded
@pytest.mark.settings(**ONE_PER_HOUR)
async def test_operation_is_rate_limited(caller: CallerOf, operation: Operation):
    responses = [await call(caller, operation) for _ in range(2)]

    second = responses[1]
    assert responses[0].status_code != 429
    assert second.status_code == 429
    assert second.headers["content-type"] == "application/problem+json"
    assert second.json()["code"] == "too_often"
    assert re.fullmatch(r"[1-9][0-9]*", second.headers["retry-after"])


@guarded
@pytest.mark.settings(**ONE_PER_HOUR)
async def test_operation_is_rate_limited_for_services(caller: CallerOf, operation: Operation):
    responses = [await call(caller, operation, first="service") for _ in range(2)]

    assert {responses[1].status_code} <= {429, 403}


@pytest.mark.parametrize("operation", [o for o in GUARDED if o.wants_body], ids=str)
@pytest.mark.settings(**ONE_PER_HOUR)
async def test_operation_with_an_invalid_body_is_rate_limited(
    caller: CallerOf, operation: Operation
):
    responses = [await call(caller, operation, json={"no": "sense"}) for _ in range(2)]

    assert [response.status_code for response in responses] == [422, 429]


async def call(
    caller: CallerOf, operation: Operation, *, first: Role = "student", json: Any = ...
) -> httpx.Response:
    """The response to the operation, sent with the first role that may call it."""
    body = example_of(operation) if json is ... else json
    for role in dict.fromkeys((first, "student", "teacher", "service")):
        response = await caller(f"ana-{role}", role).request(
            operation.method, operation.address, json=body
        )
        if response.status_code != 403 or response.json()["code"] != "wrong_role":
            break
    return response


# -- documentation -----------------------------------------------------------------------------


def test_operation_ids_are_unique():
    names = [operation.described["operationId"] for operation in ALL]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) for name in names)


@every
def test_operation_has_a_summary_a_description_and_tags(operation: Operation):
    summary = operation.described["summary"]

    assert 0 < len(summary) <= 60
    assert not summary.endswith(".")
    assert operation.described["description"]
    assert operation.described["tags"]


@guarded
def test_operation_documents_the_bearer_token(operation: Operation):
    assert operation.described["security"] == [{"bearer": []}]


@guarded
def test_operation_documents_its_problems(operation: Operation):
    responses = operation.described["responses"]

    missing = ERROR_STATUSES - set(responses)
    assert missing == set()
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
            assert list(response["content"]) == ["application/problem+json"]
        if status in {"429", "503"}:
            assert "Retry-After" in response["headers"]


@guarded
def test_operation_with_a_body_documents_413(operation: Operation):
    assert ("413" in operation.described["responses"]) is bool(operation.content)


@guarded
def test_operation_with_a_path_parameter_documents_404(operation: Operation):
    creates = operation.method == "put" and operation.path.endswith(("{course_id}", "{webhook_id}"))
    other_ids = operation.path.replace("{student_id}", "")  # Nothing is known of some students.

    if "{" in other_ids and not creates:
        assert "404" in operation.described["responses"]


@guarded
def test_path_parameters_have_examples(operation: Operation):
    for parameter in operation.described.get("parameters", ()):
        if parameter["in"] == "path":
            assert parameter["schema"].get("examples") or parameter.get("example")


# -- examples ----------------------------------------------------------------------------------


@guarded
async def test_operation_example_succeeds_against_the_demo_course(
    demo: None,
    webhook: Any,
    service: httpx.AsyncClient,
    caller: CallerOf,
    operation: Operation,
):
    if operation.path.endswith("/erasure"):  # there is one to follow
        (await service.delete("/api/progress/students/ana")).raise_for_status()
    responses = [
        await caller(subject, role).request(
            operation.method,
            operation.address,
            **body_of(operation),
            params=queries(operation),
        )
        for subject, role in ONE_OF_EACH_ROLE
    ]

    assert any(response.is_success for response in responses), [
        response.text for response in responses
    ]


async def test_report_examples_succeed(demo: None, caller: CallerOf):
    for example in DOCUMENT["components"]["schemas"]["ReportBody"]["examples"]:
        response = await caller("ana").post("/api/progress/video/welcome/watch-time", json=example)

        assert response.status_code == 200, json.dumps(example)


# -- unknown paths and methods -----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/progress/video/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_path_is_not_found(anyone: httpx.AsyncClient, method: str, path: str):
    response = await anyone.request(method, path)

    assert (response.status_code, response.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET", "HEAD"])
async def test_unsupported_method_is_rejected(anyone: httpx.AsyncClient, method: str):
    response = await anyone.request(method, "/api/progress/video/intro/watch-time", json=a_body())

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


BY_PATH: dict[str, list[Operation]] = {}
for one in ALL:
    BY_PATH.setdefault(one.path, []).append(one)


@pytest.mark.parametrize("path", BY_PATH)
async def test_allow_header_lists_every_method_of_the_path(anyone: httpx.AsyncClient, path: str):
    methods = {operation.method.upper() for operation in BY_PATH[path]}
    others = {"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"} - methods

    responses = [
        await anyone.request(method, BY_PATH[path][0].address) for method in sorted(others)
    ]

    assert {response.status_code for response in responses} == {405}
    assert {response.headers["allow"] for response in responses} == {", ".join(sorted(methods))}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/sw.js", "GET, HEAD"),
        ("/docs-assets/swagger-ui.css", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/docs", "GET"),
    ],
)
async def test_allow_header_of_a_file_lists_its_methods(
    anyone: httpx.AsyncClient, path: str, allowed: str
):
    response = await anyone.post(path)

    assert (response.status_code, response.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("operation", [o for o in ALL if o.wants_body], ids=str)
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
async def test_body_in_another_encoding_is_rejected(
    anyone: httpx.AsyncClient, operation: Operation, encoding: str
):
    body = json.dumps(example_of(operation)).encode(encoding)

    response = await anyone.request(
        operation.method.upper(),
        operation.address,
        content=body,
        headers={"Content-Type": "application/json", **with_every_role()},
    )

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert "send JSON in UTF-8" in response.json()["detail"]
