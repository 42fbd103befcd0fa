"""`make check` compares the OpenAPI document with the released one: what breaks clients fails."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "openapi" / "released.json"
CHECK = ROOT / "scripts" / "check_contract.py"
STATUS = "/api/progress/video/{video_id}/status"
ENROLLMENTS = "/api/catalog/courses/{course_id}/enrollments"

Document = dict[str, Any]
Change = Callable[[Document], None]


def released() -> Document:
    document: Document = json.loads(RELEASED.read_text())
    return document


def schemas(document: Document) -> Document:
    found: Document = document["components"]["schemas"]
    return found


def fields(document: Document, schema: str) -> Document:
    found: Document = schemas(document)[schema]["properties"]
    return found


def check(document: Document, folder: Path) -> tuple[int, str]:
    """The exit code and the complaints of the check for *document*."""
    path = folder / "changed.json"
    path.write_text(json.dumps(document))
    command = [sys.executable, str(CHECK), str(RELEASED), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


# -- what breaks clients -------------------------------------------------------------------------


def path_removed(document: Document) -> None:
    del document["paths"][STATUS]


def operation_removed(document: Document) -> None:
    del document["paths"][ENROLLMENTS]["put"]


def operation_renamed(document: Document) -> None:
    document["paths"][STATUS]["get"]["operationId"] = "getStatus"


def response_field_removed(document: Document) -> None:
    del fields(document, "Status")["watched_seconds"]
    schemas(document)["Status"]["required"].remove("watched_seconds")


def response_field_no_longer_certain(document: Document) -> None:
    schemas(document)["Status"]["required"].remove("watched_seconds")


def response_field_nullable(document: Document) -> None:
    fields(document, "Status")["watched_seconds"]["type"] = ["number", "null"]


def response_field_of_another_type(document: Document) -> None:
    fields(document, "Status")["watched_seconds"]["type"] = "string"


def response_enum_wider(document: Document) -> None:
    fields(document, "ResumeResponse")["reason"]["enum"].append("bookmark")


def request_field_required(document: Document) -> None:
    fields(document, "ReportBody")["player"] = {"type": "string"}
    schemas(document)["ReportBody"]["required"].append("player")


def request_field_removed(document: Document) -> None:
    del fields(document, "ReportBody")["device_id"]


def request_enum_narrower(document: Document) -> None:
    fields(document, "ReportBody")["kind"]["enum"].remove("restart")


def request_maximum_lower(document: Document) -> None:
    fields(document, "VideoIds")["video_ids"]["maxItems"] = 3


def query_parameter_required(document: Document) -> None:
    [after] = [
        p for p in document["paths"][ENROLLMENTS]["get"]["parameters"] if p["name"] == "after"
    ]
    after["required"] = True


def query_default_changed(document: Document) -> None:
    [limit] = [
        p for p in document["paths"][ENROLLMENTS]["get"]["parameters"] if p["name"] == "limit"
    ]
    limit["schema"]["default"] = 5


def tag_changed(document: Document) -> None:
    document["paths"][STATUS]["get"]["tags"] = ["videos"]


def schema_renamed(document: Document) -> None:
    text = json.dumps(document).replace("schemas/StatusSummary", "schemas/StatusBrief")
    document.update(json.loads(text))
    schemas(document)["StatusBrief"] = schemas(document).pop("StatusSummary")


def problem_code_removed(document: Document) -> None:
    schemas(document)["ProblemCode"]["enum"].remove("video_not_found")


def frame_removed(document: Document) -> None:
    frames = document["x-websocket"]["sent-by-the-service"]["oneOf"]
    frames.remove({"$ref": "#/components/schemas/PlayingFrame"})
    schemas(document)["OldFrame"] = schemas(document)["PlayingFrame"]


def frame_field_removed(document: Document) -> None:
    del fields(document, "CompletedFrame")["videoId"]
    schemas(document)["CompletedFrame"]["required"].remove("videoId")


BREAKING: dict[Change, str] = {
    path_removed: f"Path `{STATUS}` was removed",
    operation_removed: f"`PUT {ENROLLMENTS}` was removed",
    operation_renamed: "`operationId` of operation",
    response_field_removed: "`watched_seconds` of `Status` was removed",
    response_field_no_longer_certain: "no longer required: `watched_seconds`",
    response_field_nullable: "Type of `watched_seconds`",
    response_field_of_another_type: "Type of `watched_seconds`",
    response_enum_wider: "Enum of `reason` gained values",
    request_field_required: "`player`",
    request_field_removed: "Property `device_id`",
    request_enum_narrower: "Enum of `kind` lost values",
    request_maximum_lower: "`maxItems` of `video_ids`",
    query_parameter_required: "`after` query parameter became required",
    query_default_changed: "the default of limit changed from 100",
    tag_changed: "its tag changed",
    schema_renamed: "StatusSummary: the schema was removed or renamed",
    problem_code_removed: "video_not_found was removed",
    frame_removed: "`/PlayingFrame` was removed",
    frame_field_removed: "`videoId` of `CompletedFrame` was removed",
}


@pytest.mark.parametrize("change", BREAKING, ids=lambda change: change.__name__)
def test_breaking_change_fails(change: Change, tmp_path: Path):
    document = released()
    change(document)

    code, complaints = check(document, tmp_path)

    assert code == 1
    assert BREAKING[change] in complaints


def test_breaking_change_passes_when_the_major_version_moves(tmp_path: Path):
    document = released()
    path_removed(document)
    major = int(document["info"]["version"].split(".")[0])

    document["info"]["version"] = f"{major}.99.0"
    assert check(document, tmp_path)[0] == 1

    document["info"]["version"] = f"{major + 1}.0.0"
    assert check(document, tmp_path) == (0, "")


# -- what breaks none ----------------------------------------------------------------------------


def test_additions_pass(tmp_path: Path):
    document = released()
    query = {"name": "order", "in": "query", "required": False, "schema": {"type": "string"}}
    found = {
        "operationId": "getFound",
        "tags": ["catalog"],
        "responses": {"204": {"description": ""}},
    }
    document["paths"]["/api/found"] = {"get": found}
    document["paths"][ENROLLMENTS]["get"]["parameters"].append(query)
    document["webhooks"] = {"found": {"post": {**found, "operationId": "found"}}}
    schemas(document)["Found"] = {"type": "object", "properties": {}}
    schemas(document)["ProblemCode"]["enum"].append("not_yet_known")
    fields(document, "ReportBody")["player"] = {"type": "string"}
    fields(document, "ReportBody")["kind"]["enum"].append("paused")
    fields(document, "VideoIds")["video_ids"]["maxItems"] = 1_000
    for schema in ("Status", "CompletedFrame"):
        fields(document, schema)["player"] = {"type": "string"}
        schemas(document)[schema]["required"].append("player")

    assert check(document, tmp_path) == (0, "")


# -- the release ---------------------------------------------------------------------------------


def test_version_of_the_document_is_that_of_the_package():
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    current = json.loads((ROOT / "openapi" / "openapi.json").read_text())

    assert current["info"]["version"] == package["version"]
    assert _numbers(current) >= _numbers(released())


def _numbers(document: Document) -> tuple[int, ...]:
    return tuple(int(number) for number in document["info"]["version"].split("."))
