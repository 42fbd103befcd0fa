"""The committed OpenAPI document is valid, and equals the one that the service generates."""

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


def test_committed_document_equals_the_generated_one(document: dict[str, Any]):
    assert document == create_app(a_settings()).openapi(), "run `make openapi`"


def test_document_is_valid(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


async def test_document_is_served_without_a_token(anyone: httpx.AsyncClient, document: Any):
    response = await anyone.get("/openapi.json")

    assert (response.status_code, response.json()) == (200, document)


async def test_docs_page_needs_no_internet(anyone: httpx.AsyncClient):
    page = await anyone.get("/docs")

    assert page.status_code == 200
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"docs-assets/{asset}" in page.text  # relative or not: a proxy may add a prefix
        assert (await anyone.get(f"/docs-assets/{asset}")).status_code == 200


def test_webhooks_require_no_token():
    app = create_app(a_settings())

    @app.webhooks.post("something.happened")
    def something_happened() -> None: ...

    assert app.openapi()["webhooks"]["something.happened"]["post"]["security"] == []


def test_schemas_are_all_used(document: dict[str, Any]):
    text = json.dumps(document)

    unused = [
        name
        for name in document["components"]["schemas"]
        if f'"#/components/schemas/{name}"' not in text
    ]
    assert unused == []


def test_request_schemas_reject_unknown_fields(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    bodies = {
        content.get("x-line-schema", content["schema"])["$ref"].rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }

    assert bodies
    assert [name for name in bodies if schemas[name].get("additionalProperties") is not False] == []


CALLS_OF_THE_GUIDE = {
    "/api/progress/video/{video_id}/watch-time": {"post"},
    "/api/progress/video/{video_id}/status": {"get"},
    "/api/progress/videos/batch": {"post"},
    "/api/progress/course/{course_id}": {"get"},
    "/api/progress/courses": {"get"},
    "/api/progress/material/{material_id}/complete": {"post", "delete"},
    "/api/progress/students/{student_id}/course/{course_id}": {"get"},
    "/api/progress/students/{student_id}/video/{video_id}/status": {"get"},
    "/api/progress/students/{student_id}/material/{material_id}/complete": {"post", "delete"},
    "/api/catalog/courses": {"get"},
    "/api/catalog/courses/{course_id}": {"put", "get", "delete"},
    "/api/catalog/courses/{course_id}/enrollments/{student_id}": {"put", "get", "delete"},
    "/api/catalog/courses/{course_id}/enrollments": {"put", "get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


@pytest.mark.parametrize("path", CALLS_OF_THE_GUIDE)
def test_published_call_is_in_the_document(document: dict[str, Any], path: str):
    assert set(document["paths"][path]) == CALLS_OF_THE_GUIDE[path]


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
PUBLISHED_FIELDS = {
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


@pytest.mark.parametrize("name", PUBLISHED_FIELDS)
def test_published_schema_has_its_fields(document: dict[str, Any], name: str):
    assert set(document["components"]["schemas"][name]["properties"]) == PUBLISHED_FIELDS[name]


def test_watched_spans_are_in_the_single_status_and_the_export_only(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    single = document["paths"]["/api/progress/video/{video_id}/status"]["get"]["responses"]["200"]

    schemas_with_spans = [
        name for name in schemas if "watched_spans" in schemas[name].get("properties", {})
    ]

    assert schemas_with_spans == ["Status", "ExportedProgress"]
    assert single["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Status"
    }
    for status_map in (
        schemas["Statuses"]["properties"]["progress"],
        schemas["CourseProgress"]["properties"]["videos"],
    ):
        assert status_map["additionalProperties"] == {"$ref": "#/components/schemas/StatusSummary"}


def test_report_schema_requires_two_fields_only(document: dict[str, Any]):
    report = document["components"]["schemas"]["ReportBody"]

    assert set(report["required"]) == {"watch_time", "total_duration"}
