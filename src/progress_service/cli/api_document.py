"""`export-openapi`: the OpenAPI document as a file."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from progress_service.app import create_app
from progress_service.errors import StartupError
from progress_service.settings import read_settings


def export_openapi(
    path: Annotated[Path, typer.Argument(help="File to write; - writes to stdout.")] = Path("-"),
) -> None:
    """Write the OpenAPI document. Requires no database."""
    app = create_app(read_settings(jwt_secret=secrets.token_hex(32), jwt_algorithms="HS256"))
    document = json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"
    if str(path) == "-":
        sys.stdout.write(document)
        return
    try:
        path.write_text(document)
    except OSError as error:
        raise StartupError(f"{path} cannot be written ({error.strerror}).") from error
