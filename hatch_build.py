"""Hatchling runs this before it builds a wheel: none is built without the web app by accident."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/progress_service/static/index.html")
LEAVE_OUT = "WITHOUT_WEB_APP"


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]
    """Refuses to build while the web app is not built, unless told otherwise."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Pass, or end the build with one sentence."""
        if version == "editable" or (Path(self.root) / PAGE).is_file():
            return
        if os.environ.get(LEAVE_OUT):
            self.app.display_warning(
                "This wheel has no web app: it serves the API and /docs alone."
            )
            return
        raise SystemExit(
            f"The web app is not built, so the wheel would lack it: run `make wheel`, which needs "
            f"Node 20.19 or newer, or set {LEAVE_OUT}=1 for a wheel with the API and /docs alone."
        )
