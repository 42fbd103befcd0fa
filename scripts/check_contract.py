"""Check the OpenAPI document, and that it breaks no client of the released one.

    python scripts/check_contract.py                      # lint, then compare with released.json
    python scripts/check_contract.py RELEASED CURRENT     # compare two documents

`redocly diff` finds most breaking changes; what it does not see is compared here. Breaking changes
are allowed when the major version moves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CURRENT = ROOT / "openapi" / "openapi.json"
RELEASED = ROOT / "openapi" / "released.json"
REDOCLY = ROOT / "web" / "node_modules" / ".bin" / "redocly"
CONFIG = ROOT / "redocly.yaml"
OFFLINE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}
OPEN_ENUMS = ("#/components/schemas/ProblemCode/",)
"""Enums whose fields may have other values too: clients expect unknown ones."""
SCHEMA_PREFIX = "#/components/schemas/"
SENT_BY = {"sent-by-the-service": "responses", "sent-by-clients": "requestBody"}

Document = dict[str, Any]


def main(arguments: list[str]) -> int:
    """The exit code: 1 if the document is unfit, or breaks clients of the released one."""
    released, current = map(Path, arguments or (RELEASED, CURRENT))
    if not arguments and (lint := _redocly("lint", str(current))).returncode:
        print(lint.stdout, file=sys.stderr)
        return 1
    complaints = list(breaking_changes(released, current))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if complaints:
        print(f"{_shown(current)} breaks clients of {_shown(released)}.", file=sys.stderr)
        print("Move the major version, or keep what is published.", file=sys.stderr)
    return 1 if complaints else 0


def breaking_changes(released: Path, current: Path) -> Iterator[str]:
    """One sentence for each change that could break a client; none if the major version moves."""
    before, after = (json.loads(path.read_text()) for path in (released, current))
    if _major_version(after) > _major_version(before):
        return
    yield from redocly_changes(released, current)
    yield from socket_changes(before, after)
    yield from unseen_changes(before, after)


def redocly_changes(released: Path, current: Path) -> Iterator[str]:
    """What `redocly diff` rates as major, and new values of closed enums in responses."""
    files = (str(released), str(current))
    done = _redocly("diff", "--fail-on", "major", "--format", "json", *files)
    try:
        changes = json.loads(done.stdout)["changes"]
    except (ValueError, KeyError):
        raise SystemExit(f"redocly diff failed:\n{done.stdout}{done.stderr}") from None
    for change in changes:
        for verdict in change["verdicts"]:
            pointer = verdict["location"]["pointer"]
            if verdict["impact"] == "major" or (
                verdict["ruleId"] == "enum-values-added" and not pointer.startswith(OPEN_ENUMS)
            ):
                yield f"{change['path']}: {verdict['message']}"


def socket_changes(before: Document, after: Document) -> Iterator[str]:
    """Changes of frames. `redocly` does not know sockets, so each frame becomes a call here."""
    if _as_calls(before) == _as_calls(after):
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("released.json", "current.json")]
        for path, document in zip(paths, (before, after), strict=True):
            path.write_text(json.dumps(_as_calls(document)))
        yield from redocly_changes(*paths)


def unseen_changes(before: Document, after: Document) -> Iterator[str]:
    """Changes that break clients although the messages stay the same."""
    old, new = before["components"]["schemas"], after["components"]["schemas"]
    for name in sorted(old.keys() - new.keys()):
        yield f"{name}: the schema was removed or renamed; generated clients export it by name."
    for code in sorted(_codes(old) - _codes(new)):
        yield f"ProblemCode: {code} was removed; programs compare with it."
    calls = _operations(after)
    for name, operation in _operations(before).items():
        if name not in calls:
            continue
        if operation.get("tags") != calls[name].get("tags"):
            yield f"{name}: its tag changed; the Python client has a module for each tag."
        defaults = _query_defaults(calls[name])
        for parameter, default in _query_defaults(operation).items():
            if parameter in defaults and defaults[parameter] != default:
                yield f"{name}: the default of {parameter} changed from {default}."


def _as_calls(document: Document) -> Document:
    """A document with one operation for each frame, and the schemas that frames use."""
    described = document.get("x-websocket", {})
    paths: Document = {}
    for direction, place in SENT_BY.items():
        for frame in described.get(direction, {}).get("oneOf", ()):
            content = {"content": {"application/json": {"schema": frame}}}
            name = frame["$ref"].removeprefix(SCHEMA_PREFIX)
            message = content if place == "requestBody" else {"200": {"description": "", **content}}
            paths[f"/{name}"] = {"post": {"operationId": name, "responses": {}, place: message}}
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": _reachable(paths, document["components"]["schemas"])},
    }


def _reachable(value: Any, schemas: Document) -> Document:
    found: Document = {}
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend(value.values())
            name = str(value.get("$ref", "")).removeprefix(SCHEMA_PREFIX)
            if name and name not in found:
                found[name] = schemas[name]
                pending.append(schemas[name])
    return found


def _codes(schemas: Document) -> set[str]:
    return set(schemas.get("ProblemCode", {}).get("enum", ()))


def _operations(document: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }


def _query_defaults(operation: Document) -> Document:
    return {
        parameter["name"]: parameter.get("schema", {}).get("default")
        for parameter in operation.get("parameters", ())
        if parameter.get("in") == "query"
    }


def _major_version(document: Document) -> int:
    return int(document["info"]["version"].partition(".")[0])


def _redocly(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(REDOCLY), *arguments, "--config", str(CONFIG)]
    try:
        return subprocess.run(
            command, env={**os.environ, **OFFLINE}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise SystemExit("redocly is not installed; run `make setup` with Node.") from None


def _shown(path: Path) -> str:
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
