"""The committed OpenAPI document is the one the service describes itself with, and is valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from progress_service.app import create_app
from tests.builders import a_settings

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(COMMITTED.read_text())
    return found


def test_the_committed_document_is_what_the_service_says(document: dict[str, Any]):
    assert document == create_app(a_settings()).openapi(), "run `make openapi`"


def test_the_document_is_valid(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


async def test_the_document_is_served_to_anyone(anyone: httpx.AsyncClient, document: Any):
    answer = await anyone.get("/openapi.json")

    assert (answer.status_code, answer.json()) == (200, document)


async def test_the_docs_need_no_internet(anyone: httpx.AsyncClient):
    page = await anyone.get("/docs")

    assert page.status_code == 200
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs-assets/{asset}" in page.text
        assert (await anyone.get(f"/docs-assets/{asset}")).status_code == 200


def test_every_schema_is_used(document: dict[str, Any]):
    """Frames of the socket stand there for those who generate clients; no call has them."""
    text = json.dumps(document)

    unused = [
        name
        for name in document["components"]["schemas"]
        if f'"#/components/schemas/{name}"' not in text and not name.endswith("Frame")
    ]
    assert unused == []


def test_no_request_takes_unknown_fields(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    }

    assert bodies
    assert [name for name in bodies if schemas[name].get("additionalProperties") is not False] == []


THE_CALLS_OF_THE_GUIDE = {
    "/api/progress/video/{video_id}/watch-time": {"post"},
    "/api/progress/video/{video_id}/status": {"get"},
    "/api/progress/videos/batch": {"post"},
    "/api/progress/course/{course_id}": {"get"},
    "/api/progress/courses": {"get"},
    "/api/progress/material/{material_id}/complete": {"post", "delete"},
    "/api/catalog/courses/{course_id}": {"put", "get", "delete"},
    "/api/catalog/courses/{course_id}/enrollments/{student_id}": {"put", "delete"},
    "/api/catalog/courses/{course_id}/enrollments": {"put", "get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


@pytest.mark.parametrize("path", THE_CALLS_OF_THE_GUIDE)
def test_each_published_call_is_there(document: dict[str, Any], path: str):
    assert set(document["paths"][path]) == THE_CALLS_OF_THE_GUIDE[path]


SUMMARY = {
    "watch_time",
    "total_duration",
    "progress_percentage",
    "last_watched",
    "completed",
    "completed_at",
    "complete_at_percent",
    "watched_seconds",
}
SHAPES = {
    "Message": {"message"},
    "StatusSummary": SUMMARY,
    "Status": SUMMARY | {"watched_spans"},
    "CourseProgress": {
        "course_id",
        "student_id",
        "overall_progress",
        "materials",
        "videos",
        "last_watched",
        "completed_at",
    },
    "MaterialTotals": {"total", "completed", "completed_ids"},
    "Problem": {"type", "title", "status", "detail", "code", "request_id", "errors"},
    "ReportBody": {
        "watch_time",
        "total_duration",
        "observed_at",
        "kind",
        "device_id",
        "session_id",
        "played",
        "played_seconds",
    },
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_published_shape_has_its_fields(document: dict[str, Any], name: str):
    assert set(document["components"]["schemas"][name]["properties"]) == SHAPES[name]


def test_only_the_single_status_has_watched_spans(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    single = document["paths"]["/api/progress/video/{video_id}/status"]["get"]["responses"]["200"]

    having = [name for name in schemas if "watched_spans" in schemas[name].get("properties", {})]

    assert having == ["Status"]
    assert single["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Status"
    }
    for of_each_video in (
        schemas["Statuses"]["properties"]["progress"],
        schemas["CourseProgress"]["properties"]["videos"],
    ):
        assert of_each_video["additionalProperties"] == {
            "$ref": "#/components/schemas/StatusSummary"
        }


def test_a_report_needs_two_fields_only(document: dict[str, Any]):
    report = document["components"]["schemas"]["ReportBody"]

    assert set(report["required"]) == {"watch_time", "total_duration"}
