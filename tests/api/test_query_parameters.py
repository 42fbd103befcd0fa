"""Unknown query parameters are rejected, with the nearest known one as a suggestion."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import a_body, with_every_role
from tests.conftest import CallerOf
from tests.operations import GUARDED, Operation, body_of, queries

CONTINUE_WATCHING = "/api/progress/continue-watching"


def problem_of(response: httpx.Response) -> tuple[int, dict[str, str]]:
    """The status, and the detail for each field."""
    return response.status_code, {e["field"]: e["detail"] for e in response.json()["errors"]}


@pytest.mark.parametrize("operation", GUARDED, ids=str)
async def test_operation_rejects_an_unknown_parameter(
    anyone: httpx.AsyncClient, demo: None, operation: Operation
):
    known, sent = queries(operation), body_of(operation)

    response = await anyone.request(
        operation.method,
        operation.address,
        params={**known, "surprise": "1"},
        **{**sent, "headers": {**sent.get("headers", {}), **with_every_role()}},
    )

    assert response.status_code == 422
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [
        ("surprise", "unknown_parameter")
    ]


@pytest.mark.parametrize(
    ("path", "query", "name", "nearest"),
    [
        (CONTINUE_WATCHING, "limt=3", "limt", "limit"),
        (CONTINUE_WATCHING, "Limit=3", "Limit", "limit"),
        (CONTINUE_WATCHING, "limit=3&lmit=", "lmit", "limit"),
        ("/api/progress/changes", "sicne=", "sicne", "since"),
        ("/api/progress/video/intro/resume", "skipIntro=true", "skipIntro", "skip_intro"),
        ("/api/catalog/courses/react/enrollments", "aftr=a", "aftr", "after"),
    ],
)
async def test_unknown_parameter_error_suggests_the_nearest_one(
    caller: CallerOf, course: Any, path: str, query: str, name: str, nearest: str
):
    sender = caller(*(("tom", "teacher") if "/catalog/" in path else ("ana", "student")))

    status, details = problem_of(await sender.get(f"{path}?{query}"))

    assert status == 422
    assert list(details) == [name]
    assert f"did you mean {nearest}?" in details[name]


async def test_unknown_parameter_error_of_a_call_without_parameters(
    ana: httpx.AsyncClient, course: Any
):
    path = "/api/progress/video/intro/watch-time?watch_time=7"

    status, details = problem_of(await ana.post(path, json=a_body()))

    assert (status, details) == (
        422,
        {"watch_time": "is no query parameter of this call; it takes none"},
    )
    assert (await ana.get("/api/progress/video/intro/status")).json()["watch_time"] == 0


async def test_unknown_parameter_value_is_not_echoed(ana: httpx.AsyncClient):
    response = await ana.get(
        f"{CONTINUE_WATCHING}?token=my-secret&{'n' * 5_000}=1&" + "&".join("abcdefghijkl")
    )

    assert response.status_code == 422
    assert "my-secret" not in response.text
    assert len(response.text) < 3_000


async def test_unknown_parameter_is_checked_after_authorization(
    anyone: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    path = "/api/progress/video/intro/status?surprise=1"

    assert (await anyone.get(path)).status_code == 401
    assert (await tom.get(path)).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/"])
async def test_probes_and_pages_accept_any_query(anyone: httpx.AsyncClient, path: str):
    response = await anyone.get(f"{path}?utm_source=mail", headers={"Accept": "text/html"})

    assert response.status_code == 200
