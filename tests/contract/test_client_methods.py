"""The classes of the Python client: a method for each call, errors as exceptions, pages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from progress_client import (
    AsyncProgressClient,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProblemError,
    ProgressClient,
    ProgressError,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnexpectedResponse,
    UnexpectedStatus,
    models,
)
from progress_client.api.catalog import get_course

from tests.operations import ALL, DOCUMENT, Operation, resolved

CLASSES = (ProgressClient, AsyncProgressClient)
both_classes = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
Respond = Callable[[httpx.Request], httpx.Response]


def python_name(operation: Operation) -> str:
    """``getCourse`` → ``get_course``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation.described["operationId"]).lower()


def a_problem(status: int, code: str = "some_code") -> dict[str, Any]:
    fields = {"type": "t", "title": "T", "detail": "Detail.", "request_id": "1"}
    return {**fields, "status": status, "code": code}


def respond_with(status: int, **given: Any) -> dict[str, Any]:
    return {"transport": httpx.MockTransport(lambda _: httpx.Response(status, **given))}


def a_client(respond: Respond, **given: Any) -> ProgressClient:
    arguments = {"transport": httpx.MockTransport(respond)}
    return ProgressClient("http://service", token="t", httpx_args=arguments, **given)


# -- methods ---------------------------------------------------------------------------------------


@both_classes
@pytest.mark.parametrize("operation", ALL, ids=str)
def test_every_operation_is_a_method(operation: Operation, kind: type[Any]):
    method = getattr(kind, python_name(operation))

    assert inspect.iscoroutinefunction(method) == (kind is AsyncProgressClient)
    returned = str(inspect.signature(method).return_annotation)
    assert "Problem" not in returned
    assert returned != "Any"


def paged() -> Iterator[tuple[Operation, str]]:
    """Each operation that returns a page at a time, and the first list in it."""
    for operation in ALL:
        parameters = {p["name"] for p in operation.described.get("parameters", ())}
        content = operation.described["responses"].get("200", {}).get("content", {})
        schema = resolved(content.get("application/json", {}).get("schema", {}))
        if "after" in parameters:
            assert "next" in schema["required"], f"{operation} does not say where it goes on"
            lists = [n for n, field in schema["properties"].items() if field.get("type") == "array"]
            yield operation, lists[0]


PAGED = list(paged())


@both_classes
@pytest.mark.parametrize(("operation", "items"), PAGED, ids=[str(each) for each, _ in PAGED])
def test_every_paged_operation_has_an_iterator(operation: Operation, items: str, kind: type[Any]):
    name = python_name(operation)
    iterate = getattr(kind, "iterate_" + re.sub("^(list|get)_", "", name))

    assert f"All `{items}` of `{name}`" in iterate.__doc__
    parameters = set(inspect.signature(getattr(kind, name)).parameters)
    offered = set(inspect.signature(iterate).parameters)
    assert offered == parameters - {"after", "limit"} | {"page_size"}


def test_some_operations_return_pages():
    assert {"list_enrollments", "list_my_courses"} <= {python_name(each) for each, _ in PAGED}


def test_iterator_requests_the_next_page_when_the_items_are_used_up():
    cursors: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        cursors.append(request.url.params.get("after"))
        last = len(cursors) == 2
        return httpx.Response(
            200,
            json={
                "course_id": "demo",
                "student_ids": [f"s{len(cursors)}"],
                "next": None if last else "c",
            },
        )

    students = a_client(respond).iterate_enrollments("demo", page_size=1)

    assert (next(students), cursors) == ("s1", [None])
    assert (list(students), cursors) == (["s2"], [None, "c"])


def test_iterator_raises_when_a_page_cannot_be_read():
    client = a_client(lambda _: httpx.Response(404, json=a_problem(404)))

    with pytest.raises(NotFound):
        list(client.iterate_enrollments("demo"))


# -- errors ----------------------------------------------------------------------------------------

KINDS = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    422: Invalid,
    429: RateLimited,
    503: Unavailable,
}


@pytest.mark.parametrize("status", KINDS)
async def test_problem_is_raised_as_the_error_of_its_status(status: int):
    given = respond_with(status, json=a_problem(status), headers={"Retry-After": "7"})
    client = ProgressClient("http://service", token="t", retries=0, httpx_args=given)
    other = AsyncProgressClient("http://service", token="t", retries=0, httpx_args=given)
    is_rejected_body = status in (409, 413)
    body = models.CourseBody(title="Title", teacher_ids=["eve"])
    given_body = {"body": body} if is_rejected_body else {}
    name = "put_course" if is_rejected_body else "get_course"

    with pytest.raises(KINDS[status]) as raised:
        getattr(client, name)("demo", **given_body)
    with pytest.raises(KINDS[status]):
        await getattr(other, name)("demo", **given_body)

    error: ProblemError = raised.value
    assert isinstance(error, ProgressError)
    assert (error.status_code, error.code, error.problem.detail) == (status, "some_code", "Detail.")
    assert error.retry_after_seconds == 7
    assert str(error) == "some_code: Detail."


def test_call_without_a_result_raises_too():
    client = a_client(lambda _: httpx.Response(404, json=a_problem(404)))

    with pytest.raises(NotFound):
        client.delete_course("demo")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, UnexpectedStatus), (502, UnexpectedStatus), (200, UnexpectedResponse)],
)
def test_other_response_is_an_error_without_a_problem(status: int, kind: type[ProgressError]):
    client = a_client(lambda _: httpx.Response(status, html="<h1>Oh</h1>"))

    with pytest.raises(kind) as raised:
        client.get_course("demo")

    assert (raised.value.status_code, raised.value.code) == (status, "")
    assert raised.value.problem is None


def test_code_of_an_error_is_the_text_on_the_wire():
    problem = a_problem(404, "course_not_found")
    client = a_client(lambda _: httpx.Response(404, json=problem))

    with pytest.raises(NotFound) as raised:
        client.get_course("demo")

    assert raised.value.code == "course_not_found"
    assert str(raised.value) == "course_not_found: Detail."
    assert raised.value.retry_after_seconds is None


def test_call_that_succeeds_without_a_body_returns_none():
    client = a_client(lambda _: httpx.Response(204))

    assert client.delete_course("demo") is None  # type: ignore[func-returns-value]


# -- the token -------------------------------------------------------------------------------------


async def test_token_function_is_called_for_each_request():
    sent: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["Authorization"])
        return httpx.Response(204)

    tokens = iter(["one", "two", "three"])
    arguments: dict[str, Any] = {"transport": httpx.MockTransport(respond)}
    client = ProgressClient("http://s", token=lambda: next(tokens), httpx_args=arguments)
    other = AsyncProgressClient("http://s", token=lambda: next(tokens), httpx_args=arguments)

    client.delete_course("demo")
    client.delete_course("demo")
    await other.delete_course("demo")

    assert sent == ["Bearer one", "Bearer two", "Bearer three"]


def test_client_can_be_shared_with_the_functions_of_the_api():
    progress = a_client(lambda _: httpx.Response(404, json=a_problem(404)))

    problem = get_course.sync("demo", client=progress.client)

    assert isinstance(problem, models.Problem)
    assert ProgressClient.using(progress.client).client is progress.client


def test_document_has_the_operations_of_the_client():
    assert len({python_name(operation) for operation in ALL}) == len(ALL)
    assert DOCUMENT["paths"]
