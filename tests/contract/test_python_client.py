"""The generated Python client, as another service uses it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from progress_client import AuthenticatedClient
from progress_client.api.catalog import put_enrollment
from progress_client.api.progress import get_video_status, update_watch_time
from progress_client.models import EnrollmentAnswer, Message, Problem, ReportBody

from progress_service.edge.tokens import Role
from tests.builders import a_token


@pytest.fixture
def client_of(app: FastAPI) -> Any:
    """``client_of("ana")``: a client with a token of theirs."""

    def somebody(subject: str, role: Role = "student") -> AuthenticatedClient:
        transport = httpx.ASGITransport(app)
        return AuthenticatedClient(
            "http://service", token=a_token(subject, role), httpx_args={"transport": transport}
        )

    return somebody


async def test_a_service_enrols_and_a_student_reports(client_of: Any, course: Any):
    ben = client_of("ben")

    enrolled = await put_enrollment.asyncio("react", "ben", client=client_of("importer", "service"))
    stored = await update_watch_time.asyncio(
        "intro", client=ben, body=ReportBody(watch_time=125.5, total_duration=600)
    )
    status = await get_video_status.asyncio("intro", client=ben)

    assert isinstance(enrolled, EnrollmentAnswer)
    assert isinstance(stored, Message)
    assert (status.watch_time, status.progress_percentage) == (125.5, 20.92)
    assert status.last_watched.utcoffset().total_seconds() == 0


async def test_a_refusal_is_a_problem_with_its_status(client_of: Any, course: Any):
    answer = await get_video_status.asyncio_detailed("nowhere", client=client_of("ana"))

    assert answer.status_code == 404
    assert isinstance(answer.parsed, Problem)
    assert answer.parsed.code == "video_not_found"
