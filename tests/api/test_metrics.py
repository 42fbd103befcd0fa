"""Requests are counted under their route template, whatever their outcome."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from progress_service.edge.problems import MAX_BODY_BYTES
from tests.conftest import CallerOf
from tests.operations import ALL, Operation, body_of, queries

Label = tuple[str, str, str]


async def request_counts(anyone: httpx.AsyncClient) -> dict[Label, float]:
    """(method, route, status) → count."""
    text = (await anyone.get("/metrics")).text
    return {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if s.name == "progress_http_requests_total"
    }


async def labels_counted_for(
    anyone: httpx.AsyncClient, method: str, path: str, **given: Any
) -> set[Label]:
    """The labels under which a request is counted."""
    before = await request_counts(anyone)
    await anyone.request(method, path, **given)
    after = await request_counts(anyone)
    own = ("GET", "/metrics", "200")  # the first read of the metrics
    expected = before.get(own, 0) + 1 + (path == "/metrics")
    assert after[own] == expected
    return {key for key, value in after.items() if value > before.get(key, 0) and key != own}


@pytest.mark.parametrize("operation", [o for o in ALL if o.path != "/metrics"], ids=str)
async def test_operation_is_counted_under_its_route_template(
    anyone: httpx.AsyncClient, caller: CallerOf, demo: None, operation: Operation
):
    method, path = operation.method.upper(), operation.path
    sender = caller(*(("importer", "service") if "/catalog/" in path else ("ana", "student")))
    before = await request_counts(anyone)

    response = await sender.request(
        method, operation.address, **body_of(operation), params=queries(operation)
    )
    unauthenticated = await anyone.request(method, operation.address)
    unknown = await anyone.request("PATCH", operation.address)

    grown = {k for k, v in (await request_counts(anyone)).items() if v > before.get(k, 0)}
    assert grown - {("GET", "/metrics", "200")} == {
        (method, path, str(response.status_code)),
        (method, path, str(unauthenticated.status_code)),
        ("PATCH", path, str(unknown.status_code)),
    }


@pytest.mark.parametrize(
    ("method", "path", "label"),
    [
        ("GET", "/docs", ("GET", "/docs", "200")),
        ("GET", "/openapi.json", ("GET", "/openapi.json", "200")),
        ("GET", "/docs-assets/swagger-ui.css", ("GET", "/docs-assets/{file}", "200")),
        ("GET", "/docs-assets/nothing", ("GET", "/docs-assets/{file}", "404")),
        ("GET", "/demo/media/welcome.mp4", ("GET", "/demo/media/{file}", "200")),
        ("GET", "/assets/nothing.js", ("GET", "/assets/{file}", "404")),
        ("POST", "/docs", ("POST", "/docs", "405")),
        ("BREW", "/docs", ("OTHER", "/docs", "405")),
        (
            "GET",
            "/api/progress/course/demo/",
            ("GET", "/api/progress/course/{course_id}", "307"),
        ),
        ("GET", "/api/nothing", ("ANY", "unmatched", "404")),
        ("BREW", "/api/nothing", ("ANY", "unmatched", "404")),
        (
            "GET",
            "/api/progress/video/-a/status",
            ("GET", "/api/progress/video/{video_id}/status", "401"),
        ),
    ],
)
async def test_other_requests_are_counted_under_few_templates(
    anyone: httpx.AsyncClient, method: str, path: str, label: Label
):
    assert await labels_counted_for(anyone, method, path) == {label}


async def test_web_app_pages_are_counted_together(anyone: httpx.AsyncClient):
    html = {"Accept": "text/html"}
    assert await labels_counted_for(anyone, "GET", "/", headers=html) == {("GET", "/", "200")}
    for path in ("/courses/my-own", "/courses/my-own/videos/a.b", "/icon.svg"):
        assert await labels_counted_for(anyone, "GET", path, headers=html) == {
            ("GET", "/{page}", "200")
        }


async def test_too_large_body_is_counted_under_its_operation(anyone: httpx.AsyncClient):
    path = "/api/progress/videos/batch"

    labels = await labels_counted_for(anyone, "POST", path, content=b" " * (MAX_BODY_BYTES + 1))

    assert labels == {("POST", path, "413")}
