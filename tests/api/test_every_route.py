"""What holds for each route, found by walking the document: a new one is tested by being there."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.edge.tokens import Role
from tests.builders import a_body
from tests.conftest import CallerOf
from tests.operations import ALL, DOCUMENT, GUARDED, OPEN, Operation, example_of, queries

REFUSALS = {"401", "403", "422", "429", "503"}
TINY = {
    "watch_time_rate": "1/hour",
    "read_rate": "1/hour",
    "service_rate": "1/hour",
    "events_rate": "1/hour",
}


guarded = pytest.mark.parametrize("operation", GUARDED, ids=str)
every = pytest.mark.parametrize("operation", ALL, ids=str)


# -- each one wants a token --------------------------------------------------------------------


async def test_every_route_of_the_app_is_in_the_document(app: FastAPI):
    hidden = {
        route.path
        for route in app.routes
        if getattr(route, "path", "").startswith("/api") and not getattr(route, "methods", None)
    }

    assert {path for path in hidden if path not in DOCUMENT["paths"]} <= {"/api/progress/live"}
    assert all(o.path.startswith("/api") for o in GUARDED)


@guarded
async def test_each_call_without_a_token_is_refused(
    anyone: httpx.AsyncClient, operation: Operation
):
    answer = await anyone.request(operation.method, operation.address, json=example_of(operation))

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


@every
async def test_each_call_with_a_token_of_nonsense_is_refused_or_open(
    anyone: httpx.AsyncClient, operation: Operation
):
    answer = await anyone.request(
        operation.method,
        operation.address,
        content=b"\xff{",
        headers={"Authorization": "Bearer a.b.c", "Content-Type": "application/json"},
    )

    assert answer.status_code == (200 if operation.path in OPEN else 401)


# -- each one is limited -----------------------------------------------------------------------


@guarded
@pytest.mark.settings(**TINY)
async def test_each_call_is_limited(caller: CallerOf, operation: Operation):
    answers = [await call(caller, operation) for _ in range(2)]

    limited = answers[1]
    assert answers[0].status_code != 429
    assert limited.status_code == 429
    assert limited.headers["content-type"] == "application/problem+json"
    assert limited.json()["code"] == "too_often"
    assert re.fullmatch(r"[1-9][0-9]*", limited.headers["retry-after"])


@guarded
@pytest.mark.settings(**TINY)
async def test_each_call_is_limited_for_services_too(caller: CallerOf, operation: Operation):
    answers = [await call(caller, operation, first="service") for _ in range(2)]

    assert {answers[1].status_code} <= {429, 403}


@pytest.mark.parametrize("operation", [o for o in GUARDED if o.wants_body], ids=str)
@pytest.mark.settings(**TINY)
async def test_each_call_that_is_invalid_is_limited(caller: CallerOf, operation: Operation):
    answers = [await call(caller, operation, json={"no": "sense"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 429]


async def call(
    caller: CallerOf, operation: Operation, *, first: Role = "student", json: Any = ...
) -> httpx.Response:
    """The call, by whoever may make it."""
    body = example_of(operation) if json is ... else json
    for role in dict.fromkeys((first, "student", "teacher", "service")):
        answer = await caller(f"ana-{role}", role).request(
            operation.method, operation.address, json=body
        )
        if answer.status_code != 403 or answer.json()["code"] != "wrong_role":
            break
    return answer


# -- each one is described ---------------------------------------------------------------------


def test_every_operation_has_a_name_of_its_own():
    names = [operation.described["operationId"] for operation in ALL]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) for name in names)


@every
def test_each_operation_says_what_it_does(operation: Operation):
    summary = operation.described["summary"]

    assert 0 < len(summary) <= 60
    assert not summary.endswith(".")
    assert operation.described["description"]
    assert operation.described["tags"]


@guarded
def test_each_operation_wants_a_bearer_token(operation: Operation):
    assert operation.described["security"] == [{"bearer": []}]


@guarded
def test_each_operation_documents_its_problems(operation: Operation):
    answers = operation.described["responses"]

    missing = REFUSALS - set(answers)
    assert missing == set()
    for status, answer in answers.items():
        if status.startswith(("4", "5")):
            schema = answer["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
            assert list(answer["content"]) == ["application/problem+json"]
        if status in {"429", "503"}:
            assert "Retry-After" in answer["headers"]


@guarded
def test_each_operation_that_reads_a_body_may_say_it_is_too_large(operation: Operation):
    assert ("413" in operation.described["responses"]) is operation.wants_body


@guarded
def test_each_operation_with_a_name_in_its_path_may_say_not_found(operation: Operation):
    creates = operation.method == "put" and operation.path.endswith("{course_id}")

    if "{" in operation.path and not creates:
        assert "404" in operation.described["responses"]


@guarded
def test_each_name_in_a_path_has_an_example(operation: Operation):
    for parameter in operation.described.get("parameters", ()):
        if parameter["in"] == "path":
            assert parameter["schema"].get("examples") or parameter.get("example")


# -- each example works against the demo -------------------------------------------------------


@guarded
async def test_each_example_succeeds_against_the_demo_course(
    demo: None, caller: CallerOf, operation: Operation
):
    answers = [
        await caller(subject, role).request(
            operation.method,
            operation.address,
            json=example_of(operation),
            params=queries(operation),
        )
        for subject, role in (("ana", "student"), ("demo-teacher", "teacher"))
    ]

    assert any(answer.is_success for answer in answers), [answer.text for answer in answers]


async def test_every_example_of_a_report_succeeds(demo: None, caller: CallerOf):
    for example in DOCUMENT["components"]["schemas"]["ReportBody"]["examples"]:
        answer = await caller("ana").post("/api/progress/video/welcome/watch-time", json=example)

        assert answer.status_code == 200, json.dumps(example)


# -- elsewhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/progress/video/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_there_is_nothing_elsewhere(anyone: httpx.AsyncClient, method: str, path: str):
    answer = await anyone.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET", "HEAD"])
async def test_another_method_is_refused(anyone: httpx.AsyncClient, method: str):
    answer = await anyone.request(method, "/api/progress/video/intro/watch-time", json=a_body())

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


BY_PATH: dict[str, list[Operation]] = {}
for one in ALL:
    BY_PATH.setdefault(one.path, []).append(one)


@pytest.mark.parametrize("path", BY_PATH)
async def test_allow_names_every_method_of_the_path(anyone: httpx.AsyncClient, path: str):
    methods = {operation.method.upper() for operation in BY_PATH[path]}
    others = {"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"} - methods

    answers = [await anyone.request(method, BY_PATH[path][0].address) for method in sorted(others)]

    assert {answer.status_code for answer in answers} == {405}
    assert {answer.headers["allow"] for answer in answers} == {", ".join(sorted(methods))}


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
async def test_allow_of_a_file_names_how_it_is_read(
    anyone: httpx.AsyncClient, path: str, allowed: str
):
    answer = await anyone.post(path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("operation", [o for o in ALL if o.wants_body], ids=str)
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
async def test_bodies_are_utf8_and_nothing_else(
    caller: CallerOf, operation: Operation, encoding: str
):
    role: Role = "service" if operation.path.startswith("/api/catalog") else "student"
    body = json.dumps(example_of(operation)).encode(encoding)

    answer = await caller("ana", role).request(
        operation.method.upper(),
        operation.address,
        content=body,
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "send JSON in UTF-8" in answer.json()["detail"]
