"""The part of the chart's schema that lists settings, generated from `Settings`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from progress_service.settings import PREFIX, Settings

SCHEMA = (
    Path(__file__).resolve().parent.parent
    / "deploy"
    / "helm"
    / "progress-service"
    / "values.schema.json"
)
OF_THE_SECRET = ("SecretStr", "Keys")
"""Types of settings that belong into a Secret."""
OF_OTHER_VALUES = frozenset(
    {"host", "port", "workers", "root_path", "jwt_public_key", "erasure_ledger", "data_dir"}
)
"""Settings that the chart derives from other values, or that only `dev` reads."""


def chart_schema() -> str:
    """The schema with today's settings; a chart with another setting cannot be rendered."""
    document = json.loads(SCHEMA.read_text())
    document["properties"]["settings"] = {
        "description": "Settings that are no secrets; those are in existingSecret.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            PREFIX + name.upper(): _described(field)
            for name, field in Settings.model_fields.items()
            if name not in OF_OTHER_VALUES and not is_secret(field)
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def is_secret(field: FieldInfo) -> bool:
    """Whether the values of a setting must not be seen."""
    return any(name in str(field.annotation) for name in OF_THE_SECRET)


def _described(field: FieldInfo) -> dict[str, Any]:
    types = ["string", "number", "boolean"]
    if isinstance(field.default, tuple):
        types.append("array")
    return {"description": field.description, "type": types}
