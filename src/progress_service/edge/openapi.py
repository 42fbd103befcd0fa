"""The OpenAPI document: metadata, operation ids, problem and frame schemas, offline /docs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import HTMLResponse

from progress_service.edge.portable_schemas import PREFIX, make_portable
from progress_service.edge.problems import Problem
from progress_service.edge.security_headers import policy_of_docs

_SWAGGER_FILES = Path(fastapi_offline.__file__).parent / "static"
_SWAGGER_URL = "/docs-assets"
TEMPLATES = (
    (re.compile(r"/docs"), "/docs"),
    (re.compile(r"/openapi\.json"), "/openapi.json"),
    (re.compile(rf"{_SWAGGER_URL}/.*"), f"{_SWAGGER_URL}/{{file}}"),
)
"""The route labels of these pages in metrics."""
_ABOUT = """\
Stores learners' positions in course videos, the spans that they really watched, and completions.

Send `Authorization: Bearer <token>`: press **Authorize** and paste a token that `make run` printed,
or create one with `progress-service token --sub ana --role student`. The examples work with the
demo course. Errors are RFC 9457 problems with a stable `code`; the schema `ProblemCode` lists all
codes. Beside the responses listed with each call, any call may return 400, 408, 414 or 431 if its
request line or headers are malformed, too slow, or too large."""


def operation_id(route: APIRoute) -> str:
    """``update_watch_time`` → ``updateWatchTime``: the name of the call in generated clients."""
    first, *rest = route.name.split("_")
    return first + "".join(word.title() for word in rest)


def description(*, root_path: str = "") -> dict[str, Any]:
    """The constructor arguments of `FastAPI` for the document."""
    return {
        "title": "Progress Service",
        "version": version("progress-service"),
        "summary": "Stores where each learner is in each course video.",
        "description": _ABOUT,
        "contact": {"name": "The maintainers of Progress Service"},
        "license_info": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "servers": [{"url": root_path or "/", "description": "This host."}],
        "generate_unique_id_function": operation_id,
        "separate_input_output_schemas": True,
        "openapi_tags": [
            {"name": "progress", "description": "One video or material of the student."},
            {"name": "courses", "description": "Totals over a course."},
            {
                "name": "live",
                "description": "Changes since a cursor; `WS /progress` sends the same frames.",
            },
            {"name": "offline", "description": "Reports that a device stored while offline."},
            {"name": "imports", "description": "Progress that another system has recorded."},
            {"name": "resume", "description": "Where to resume, and what to continue with."},
            {"name": "catalog", "description": "Courses, materials and enrolments."},
            {
                "name": "webhooks",
                "description": "For other services: events, sent to them as signed requests.",
            },
            {"name": "privacy", "description": "What is stored about a student."},
            {"name": "health", "description": "For operators; requires no token."},
        ],
        "docs_url": None,
        "redoc_url": None,
    }


def install(
    app: FastAPI,
    *,
    client_frames: Sequence[type[BaseModel]],
    server_frames: Sequence[type[BaseModel]],
    line_models: Sequence[type[BaseModel]] = (),
) -> None:
    """Complete the document, and serve /docs from local files.

    Args:
        app: the app of the document.
        client_frames: the socket frames of clients; OpenAPI has no operation for them.
        server_frames: the socket frames of the service.
        line_models: the lines of bodies that consist of lines of JSON.
    """

    app.openapi = partial(_document, app, client_frames, server_frames, line_models)  # type: ignore[method-assign]
    app.mount(_SWAGGER_URL, StaticFiles(directory=_SWAGGER_FILES), name="docs-assets")

    page = _docs_page()

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return page


def _document(
    app: FastAPI,
    client_frames: Sequence[type[BaseModel]],
    server_frames: Sequence[type[BaseModel]],
    line_models: Sequence[type[BaseModel]],
) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            contact=app.contact,
            license_info=app.license_info,
            servers=app.servers,
            tags=app.openapi_tags,
            routes=app.routes,
            webhooks=app.webhooks.routes,
        )
        for item in found.get("webhooks", {}).values():
            for operation in item.values():
                operation.setdefault("security", [])  # Receivers verify a signature, not a token.
        found = _with_schemas(found, [Problem, *client_frames, *server_frames, *line_models])
        found["x-websocket"] = {
            "addresses": ["/progress", "/api/progress/live"],
            "sent-by-clients": _one_of(client_frames),
            "sent-by-the-service": _one_of(server_frames),
        }
        make_portable(found)
        app.openapi_schema = found
    return app.openapi_schema


def _docs_page() -> HTMLResponse:
    """The Swagger UI page, with a policy that allows only its own inline script."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",  # relative, like the others: a proxy may add a prefix
        title="Progress Service · API",
        swagger_js_url=f"{_SWAGGER_URL[1:]}/swagger-ui-bundle.js",
        swagger_css_url=f"{_SWAGGER_URL[1:]}/swagger-ui.css",
        swagger_favicon_url=f"{_SWAGGER_URL[1:]}/favicon.png",
        swagger_ui_parameters={"persistAuthorization": True, "tryItOutEnabled": True},
    )
    page.headers["Content-Security-Policy"] = policy_of_docs(bytes(page.body).decode())
    return page


def _one_of(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"{PREFIX}{model.__name__}"} for model in models]}


def _with_schemas(document: dict[str, Any], models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models],
        ref_template=PREFIX + "{model}",
    )
    document["components"]["schemas"] |= schemas["$defs"]
    return document
