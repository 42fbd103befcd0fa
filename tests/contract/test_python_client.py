"""The generated Python client, as another service uses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from progress_client import AuthenticatedClient, UnexpectedResponse, UnexpectedStatus
from progress_client.api.catalog import delete_enrollment, put_enrollment
from progress_client.api.progress import get_video_status, update_watch_time
from progress_client.models import (
    EnrollmentResponse,
    Message,
    Problem,
    ProblemCode,
    ReportBody,
    Status,
)
from progress_client.pages import (
    ProblemError,
    aiterate_course_students,
    aiterate_enrollments,
    aiterate_my_courses,
    iterate_course_students,
    iterate_enrollments,
)

from progress_service.edge.token_verifier import Role
from tests.builders import a_course_body, a_material_body, a_token
from tests.conftest import put_course

Respond = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def client_of(app: FastAPI) -> Any:
    """``client_of("ana")``: a client with a token of that user."""

    def client_with_token(subject: str, role: Role = "student") -> AuthenticatedClient:
        transport = httpx.ASGITransport(app)
        return AuthenticatedClient(
            "http://service", token=a_token(subject, role), httpx_args={"transport": transport}
        )

    return client_with_token


async def test_client_enrols_as_a_service_and_reports_as_a_student(client_of: Any, course: Any):
    ben = client_of("ben")

    enrolled = await put_enrollment.asyncio("react", "ben", client=client_of("importer", "service"))
    stored = await update_watch_time.asyncio(
        "intro", client=ben, body=ReportBody(watch_time=125.5, total_duration=600)
    )
    status = await get_video_status.asyncio("intro", client=ben)

    assert isinstance(enrolled, EnrollmentResponse)
    assert isinstance(stored, Message)
    assert isinstance(status, Status)
    assert (status.watch_time, status.progress_percentage) == (125.5, 20.92)
    assert status.last_watched is not None
    assert status.last_watched.utcoffset() == timedelta(0)


async def test_rejected_call_returns_a_problem(client_of: Any, course: Any):
    response = await get_video_status.asyncio_detailed("nowhere", client=client_of("ana"))

    assert response.status_code == 404
    assert isinstance(response.parsed, Problem)
    code: str = response.parsed.code
    assert code == ProblemCode.VIDEO_NOT_FOUND
    assert code == "video_not_found"


async def test_report_contains_spans_as_pairs(client_of: Any, course: Any):
    body = ReportBody(watch_time=10, total_duration=600, played=[[0, 10]])

    await update_watch_time.asyncio("intro", client=client_of("ana"), body=body)

    status = await get_video_status.asyncio("intro", client=client_of("ana"))
    assert isinstance(status, Status)
    assert status.watched_spans == [[0, 10]]


async def test_pagination_reads_all_pages(client_of: Any, service: httpx.AsyncClient, course: Any):
    students = sorted(f"student-{number}" for number in range(7))
    path = "/api/catalog/courses/react/enrollments"
    (await service.put(path, json={"student_ids": students})).raise_for_status()
    for name in "abc":
        await put_course(service, name, a_course_body(a_material_body(f"v-{name}"), title=name))
    importer, ana = client_of("importer", "service"), client_of("ana")

    enrolled = [s async for s in aiterate_enrollments("react", client=importer, page_size=3)]
    courses = [c.course_id async for c in aiterate_my_courses(client=ana, page_size=2)]

    assert enrolled == sorted(["ana", *students])
    assert courses == ["a", "b", "c", "react"]


# -- a broken service or proxy -------------------------------------------------------------------


def problem(status: int, code: str = "unavailable") -> dict[str, Any]:
    return {
        "type": f"urn:progress-service:problem:{code}",
        "title": "Title",
        "status": status,
        "detail": "Detail.",
        "code": code,
        "request_id": "1",
    }


def client_for(respond: Respond, **given: Any) -> AuthenticatedClient:
    """A client that gets its responses from *respond*."""
    arguments = {"transport": httpx.MockTransport(respond)}
    return AuthenticatedClient("http://service", token="t", httpx_args=arguments, **given)


def always(status: int, **given: Any) -> Respond:
    return lambda _: httpx.Response(status, **given)


async def by_sync(client: AuthenticatedClient) -> Any:
    return put_enrollment.sync("demo", "ana", client=client)


async def by_asyncio(client: AuthenticatedClient) -> Any:
    return await put_enrollment.asyncio("demo", "ana", client=client)


async def by_deletion(client: AuthenticatedClient) -> Any:
    return delete_enrollment.sync("demo", "ana", client=client)


CALLS = (by_sync, by_asyncio, by_deletion)
Call = Callable[[AuthenticatedClient], Awaitable[Any]]
every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)


@every_call
@pytest.mark.parametrize("status", [500, 502, 504, 520, 418, 302, 201])
async def test_unexpected_status_is_raised(call: Call, status: int):
    for body in ({"json": problem(status, "internal_error")}, {"html": "<h1>Oh</h1>"}, {}):
        with pytest.raises(UnexpectedStatus, match=str(status)) as raised:
            await call(client_for(always(status, **body)))
        assert raised.value.status_code == status


@every_call
@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 503])
@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Bad gateway</body></html>",
        b"",
        b'{"code": "unav',
        b"[]",
        b"null",
        b"{}",
        b"\xff",
    ],
)
async def test_unexpected_body_is_raised(call: Call, status: int, content: bytes):
    client = client_for(always(status, content=content), retries=0)

    with pytest.raises(UnexpectedStatus) as raised:
        await call(client)

    assert raised.value.status_code == status
    assert raised.value.content == content
    assert isinstance(raised.value, UnexpectedResponse) or (call, status) == (by_deletion, 200)


async def test_error_message_is_short():
    with pytest.raises(UnexpectedStatus) as raised:
        await by_sync(client_for(always(502, content=b"x" * 100_000)))

    assert len(str(raised.value)) < 700


async def test_unknown_problem_code_is_a_string():
    found = await by_sync(client_for(always(403, json=problem(403, "not_yet_known"))))

    assert found.code == "not_yet_known"


def test_client_timeout_is_ten_seconds_by_default():
    assert client_for(always(200)).get_httpx_client().timeout == httpx.Timeout(10.0)
    assert client_for(always(200)).get_async_httpx_client().timeout == httpx.Timeout(10.0)
    assert client_for(always(200), timeout=3).get_httpx_client().timeout == httpx.Timeout(3)
    other = client_for(always(200)).with_timeout(4)
    assert other.get_httpx_client().timeout == httpx.Timeout(4)


def test_client_with_more_headers_leaves_the_first_unchanged():
    first = client_for(always(200))
    first.get_httpx_client()

    other = first.with_headers({"X-Request-ID": "7"})

    assert other.get_httpx_client().headers["X-Request-ID"] == "7"
    assert other.get_httpx_client().headers["Authorization"] == "Bearer t"
    assert "X-Request-ID" not in first.get_httpx_client().headers


# -- 429 and 503 ---------------------------------------------------------------------------------


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each sleep of the clients; sleeping is replaced."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("progress_client.client.time.sleep", slept.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    return slept


def after(*failures: httpx.Response) -> Respond:
    """*failures*, and then a success."""
    success = httpx.Response(200, json={"course_id": "demo", "student_id": "ana"})
    responses = iter([*failures, success])
    return lambda _: next(responses)


def overloaded(status: int, retry_after: str | None = None) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx.Response(status, json=problem(status), headers=headers)


@pytest.mark.parametrize("call", [by_sync, by_asyncio])
async def test_call_is_retried_after_429_and_503(call: Call, waits: list[float]):
    client = client_for(after(overloaded(429, "3"), overloaded(503), overloaded(503, "not a time")))

    assert isinstance(await call(client), EnrollmentResponse)
    assert waits == [3, 1, 2]


async def test_call_is_retried_three_times_at_most(waits: list[float]):
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return overloaded(503, "1")

    found = await by_sync(client_for(respond))

    assert isinstance(found, Problem)
    assert (len(requests), waits) == (4, [1, 1, 1])


async def test_retry_with_a_long_wait_is_left_to_the_caller(waits: list[float]):
    patient = client_for(after(overloaded(429, "31")), max_retry_wait_seconds=31)

    assert isinstance(await by_sync(client_for(after(overloaded(429, "31")))), Problem)
    assert isinstance(await by_sync(patient), EnrollmentResponse)
    assert waits == [31]


async def test_gradebook_iterator_reads_all_pages_and_then_has_a_cursor(
    client_of: Any, service: httpx.AsyncClient, course: Any
):
    importer, enrollments = (
        client_of("importer", "service"),
        "/api/catalog/courses/react/enrollments",
    )
    await service.put(enrollments, json={"student_ids": ["ben", "cleo"]})

    everybody = iterate_course_students("react", client=importer, page_size=1)
    read = [(row.student_id, everybody.cursor) async for row in everybody]
    await service.delete(f"{enrollments}/ben")
    await update_watch_time.asyncio(
        "intro", client=client_of("cleo"), body=ReportBody(watch_time=300, total_duration=600)
    )
    changed = aiterate_course_students(
        "react", client=importer, changed_since=everybody.cursor, page_size=1
    )

    assert read == [("ana", None), ("ben", None), ("cleo", None)]
    assert [(row.student_id, row.overall_progress) async for row in changed] == [("cleo", 16.67)]
    assert changed.ended_enrollments == ["ben"]
    assert changed.cursor is not None


def test_gradebook_iterator_passes_the_position_on():
    pages: list[dict[str, Any]] = [
        {"students": [], "next": "second", "ended_enrollments": ["a"], "cursor": "c"},
        {"students": [], "next": None, "ended_enrollments": ["b"], "cursor": "d"},
    ]
    sent: list[dict[str, str]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(dict(request.url.params))
        return httpx.Response(200, json={"course_id": "demo", **pages[len(sent) - 1]})

    students = iterate_course_students("demo", client=client_for(respond), changed_since="x")

    assert list(students) == []
    assert sent == [
        {"changed_since": "x"},
        {"after": "second", "changed_since": "x"},
    ]
    assert (students.ended_enrollments, students.cursor) == (["a", "b"], "d")


async def test_retry_after_may_be_a_date(waits: list[float]):
    past = format_datetime(datetime.now(UTC) - timedelta(minutes=1), usegmt=True)

    await by_sync(client_for(after(overloaded(503, past))))

    assert waits == [0]


async def test_call_is_not_retried_for_another_status(waits: list[float]):
    with pytest.raises(UnexpectedStatus):
        await by_sync(client_for(after(overloaded(500, "1"))))

    assert waits == []


def test_pagination_error_is_raised():
    client = client_for(always(404, json=problem(404, "course_not_found")))

    with pytest.raises(ProblemError, match="course_not_found"):
        list(iterate_enrollments("demo", client=client))
