"""Wire shapes of the xAPI export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from progress_service.xapi import vocabulary as terms


class XapiStatement(BaseModel):
    """A statement of the xAPI Video Profile 1.0.4."""

    id: str = Field(examples=["0e3c1f8a-5a0e-5d7a-9c39-2f4c1c3f5a11"])
    actor: dict[str, Any] = Field(
        description="The student, as an account.",
        examples=[
            {
                "objectType": "Agent",
                "account": {"homePage": "https://learn.example", "name": "ana"},
            }
        ],
    )
    verb: dict[str, Any] = Field(
        description="`completed` or `terminated`.",
        examples=[{"id": terms.COMPLETED, "display": {"en-US": "completed"}}],
    )
    object: dict[str, Any] = Field(
        description="The video.",
        examples=[
            {
                "objectType": "Activity",
                "id": "https://learn.example/courses/demo/materials/welcome",
                "definition": {"type": terms.VIDEO_TYPE, "name": {"und": "Welcome"}},
            }
        ],
    )
    result: dict[str, Any] = Field(
        description="Time spent, position, share and segments that were played.",
        examples=[
            {
                "completion": True,
                "duration": "PT72S",
                "extensions": {
                    terms.TIME: 72.0,
                    terms.PROGRESS: 0.8,
                    terms.PLAYED_SEGMENTS: "0.000[.]72.000",
                },
            }
        ],
    )
    context: dict[str, Any] = Field(
        description="Registration, course, length, threshold and session.",
    )
    timestamp: datetime = Field(
        description="UTC. When the video was completed, or the session last reported."
    )


class StatementsResponse(BaseModel):
    """A page of statements, like a response of a learning record store."""

    statements: list[XapiStatement]
    more: str = Field(
        description="The address of the next page, without the host; empty at the end.",
        examples=["/api/progress/me/xapi?limit=100&after=WyJ3ZWxjb21lIiwiIl0"],
    )
    next: str | None = Field(description="The `after` of the next page; null at the end.")
