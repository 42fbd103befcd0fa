"""The ids of all features, as fields of bodies and as parts of paths."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, Field, StringConstraints

from progress_service.domain.catalog import ID_PATTERN
from progress_service.edge.claims import USER_ID_DETAIL, USER_ID_PATTERN, is_user_id


def _visible_user_id(text: str) -> str:
    if not is_user_id(text):
        raise ValueError(USER_ID_DETAIL)
    return text


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
# The pattern is only for the OpenAPI document; as an error message it is unreadable.
UserId = Annotated[
    str,
    AfterValidator(_visible_user_id),
    Field(json_schema_extra={"pattern": USER_ID_PATTERN}),
]


def _in_path(example: str) -> Any:
    """An id in a path; /docs fills in *example*, an id of the demo data."""
    return Path(
        pattern=ID_PATTERN, examples=[example], openapi_examples={example: {"value": example}}
    )


CourseId = Annotated[str, _in_path("demo")]
SandboxId = Annotated[str, _in_path("sandbox")]
MaterialId = Annotated[str, _in_path("reading-list")]
WebhookId = Annotated[str, _in_path("certificates")]
VideoId = Annotated[str, _in_path("welcome")]
StudentId = Annotated[
    str,
    Path(
        json_schema_extra={"pattern": USER_ID_PATTERN},
        examples=["ana"],
        openapi_examples={"ana": {"value": "ana"}, "auth0": {"value": "auth0|5f7c8ec7"}},
    ),
    AfterValidator(_visible_user_id),
]


_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """True when *text* is a valid id of a course, material, device or session."""
    return _ID.fullmatch(text) is not None
