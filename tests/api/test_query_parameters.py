"""A query parameter that a call does not take is refused, with the nearest one that it takes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import a_body
from tests.conftest import CallerOf
from tests.operations import GUARDED, Operation, example_of, queries

SHELF = "/api/progress/continue-watching"


def problem_of(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    """Status, and what is said of each field."""
    return answer.status_code, {e["field"]: e["detail"] for e in answer.json()["errors"]}


@pytest.mark.parametrize("operation", GUARDED, ids=str)
async def test_each_operation_refuses_an_unknown_parameter(
    caller: CallerOf, demo: None, operation: Operation
):
    is_catalog = operation.path.startswith("/api/catalog")
    sender = caller(*(("importer", "service") if is_catalog else ("ana", "student")))
    known = queries(operation)

    answer = await sender.request(
        operation.method,
        operation.address,
        params={**known, "surprise": "1"},
        json=example_of(operation),
    )

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("surprise", "unknown_parameter")
    ]


@pytest.mark.parametrize(
    ("path", "query", "name", "nearest"),
    [
        (SHELF, "limt=3", "limt", "limit"),
        (SHELF, "Limit=3", "Limit", "limit"),
        (SHELF, "limit=3&lmit=", "lmit", "limit"),
        ("/api/progress/changes", "sicne=", "sicne", "since"),
        ("/api/progress/video/intro/resume", "skipIntro=true", "skipIntro", "skip_intro"),
        ("/api/catalog/courses/react/enrollments", "aftr=a", "aftr", "after"),
    ],
)
async def test_nearest_parameter_is_named(
    caller: CallerOf, course: Any, path: str, query: str, name: str, nearest: str
):
    sender = caller(*(("tom", "teacher") if "/catalog/" in path else ("ana", "student")))

    status, details = problem_of(await sender.get(f"{path}?{query}"))

    assert status == 422
    assert list(details) == [name]
    assert f"did you mean {nearest}?" in details[name]


async def test_call_without_parameters_says_so(ana: httpx.AsyncClient, course: Any):
    path = "/api/progress/video/intro/watch-time?watch_time=7"

    status, details = problem_of(await ana.post(path, json=a_body()))

    assert (status, details) == (
        422,
        {"watch_time": "is no query parameter of this call; it takes none"},
    )
    assert (await ana.get("/api/progress/video/intro/status")).json()["watch_time"] == 0


async def test_value_of_an_unknown_parameter_is_not_sent_back(ana: httpx.AsyncClient):
    answer = await ana.get(f"{SHELF}?token=my-secret&{'n' * 5_000}=1&" + "&".join("abcdefghijkl"))

    assert answer.status_code == 422
    assert "my-secret" not in answer.text
    assert len(answer.text) < 3_000


async def test_only_those_who_may_call_learn_of_parameters(
    anyone: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    path = "/api/progress/video/intro/status?surprise=1"

    assert (await anyone.get(path)).status_code == 401
    assert (await tom.get(path)).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/"])
async def test_probes_and_pages_take_any_query(anyone: httpx.AsyncClient, path: str):
    answer = await anyone.get(f"{path}?utm_source=mail", headers={"Accept": "text/html"})

    assert answer.status_code == 200
