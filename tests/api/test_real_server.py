"""The service over real connections: concurrent students, disconnects, and the log contents."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from progress_service.edge.token_verifier import Role
from progress_service.testing import ServiceProcess, wait_until
from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer, with_every_role
from tests.processes import dev


@pytest.fixture
async def anyone(server: ServiceProcess) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=server.address, timeout=30, limits=limits) as client:
        yield client


def headers_of(subject: str, role: Role = "student") -> dict[str, str]:
    return bearer(a_token(subject, role))


async def enrol(anyone: httpx.AsyncClient, *students: str) -> str:
    """Put a course with one video and enrol *students*; returns the video's id."""
    name = secrets.token_hex(6)
    course = f"/api/catalog/courses/course-{name}"
    body = a_course_body(a_material_body(f"video-{name}"))
    (
        await anyone.put(course, json=body, headers=headers_of("importer", "service"))
    ).raise_for_status()
    response = await anyone.put(
        f"{course}/enrollments",
        json={"student_ids": list(students)},
        headers=headers_of("importer", "service"),
    )
    assert response.is_success, response.text
    return f"video-{name}"


async def test_reports_of_50_students_at_once_are_stored(anyone: httpx.AsyncClient):
    students = [f"student-{n}" for n in range(50)]
    video = await enrol(anyone, *students)
    path = f"/api/progress/video/{video}"

    responses = await asyncio.gather(
        *(anyone.post(f"{path}/watch-time", json=a_body(), headers=headers_of(s)) for s in students)
    )

    assert [response.status_code for response in responses] == [200] * 50
    statuses = [
        (await anyone.get(f"{path}/status", headers=headers_of(s))).json() for s in students
    ]
    assert {status["watch_time"] for status in statuses} == {125.5}


async def test_concurrent_first_reports_of_a_student_create_one_record(tmp_path: Path):
    """The default limit is one report a second, so this server allows more."""
    with dev(tmp_path, PROGRESS_WATCH_TIME_RATE="1000/second") as served:
        async with httpx.AsyncClient(base_url=served.address, timeout=30) as anyone:
            responses = await asyncio.gather(
                *(
                    anyone.post(
                        "/api/progress/video/welcome/watch-time",
                        json=a_body(watch_time=20 + second, total_duration=90),
                        headers=headers_of("ana"),
                    )
                    for second in range(50)
                )
            )
            changes = await anyone.get("/api/progress/changes", headers=headers_of("ana"))

    assert [response.status_code for response in responses] == [200] * 50
    assert len(changes.json()["changes"]) == 1


async def test_disconnect_during_a_body_is_not_logged_as_an_error(
    server: ServiceProcess, anyone: httpx.AsyncClient
):
    video = await enrol(anyone, "ana")
    before = len(server.log)
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    for sent in (b'{"watch_time"', b""):
        with socket.create_connection((host, port or 0)) as connection:
            head = (
                f"POST /api/progress/video/{video}/watch-time HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {a_token('ana')}\r\n"
                "Content-Type: application/json\r\nContent-Length: 40\r\n\r\n"
            )
            connection.sendall(head.encode() + sent)
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.3)

    assert "rror" not in server.log[before:]
    assert "Traceback" not in server.log[before:]


async def test_reset_during_a_body_is_not_an_error_of_any_route(
    server: ServiceProcess, anyone: httpx.AsyncClient
):
    document = (await anyone.get("/openapi.json")).json()
    operations = [
        (method, path, "requestBody" in described)
        for path, item in document["paths"].items()
        for method, described in item.items()
    ]
    before = len(server.log)

    for method, path, _ in [*operations, ("post", "/api/nothing", False)]:
        for framing, part in (
            ("Content-Length: 400", b'{"a'),
            ("Transfer-Encoding: chunked", b'3\r\n{"a\r\n'),
        ):
            await asyncio.to_thread(reset_during_body, server, method, path, framing, part)

    expected = 2 * sum(has_body for _, _, has_body in operations)
    wait_until(
        lambda: server.log[before:].count("status=499") == expected,
        within_seconds=60,
        otherwise=lambda: server.log[before:],
    )
    logged = server.log[before:]
    assert "request_failed" not in logged
    assert "Traceback" not in logged
    assert "status=5" not in logged


def reset_during_body(
    server: ServiceProcess, method: str, path: str, framing: str, part: bytes
) -> None:
    """Send part of a body once the service responds to the head; then reset the connection.

    A call without a body is executed: nobody else depends on the caller's data.
    """
    address = (urlsplit(server.address).hostname, urlsplit(server.address).port or 0)
    head = (
        f"{method.upper()} {re.sub('{.*?}', 'demo', path)} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {with_every_role('rae')['Authorization']}\r\nExpect: 100-continue\r\n"
        f"Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 ")
        connection.sendall(part)
        # With this option, closing the socket resets the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def test_report_is_stored_when_the_client_disconnects_before_the_response(
    server: ServiceProcess, anyone: httpx.AsyncClient
):
    video = await enrol(anyone, "ana")
    body = json.dumps(a_body()).encode()
    head = (
        f"POST /api/progress/video/{video}/watch-time HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {a_token('ana')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    with socket.create_connection((host, port or 0)) as connection:
        connection.sendall(head.encode() + body)

    def is_stored() -> bool:
        with server.client() as ana:
            status = ana.get(f"/api/progress/video/{video}/status").json()
        return bool(status["watch_time"] == 125.5)

    wait_until(is_stored, within_seconds=60)


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/progress/videos/batch HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/progress/videos/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["garbage", "version", "negative length", "malformed length", "large header", "TLS"],
)
async def test_malformed_http_does_not_affect_the_service(
    server: ServiceProcess, anyone: httpx.AsyncClient, raw: bytes
):
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    with socket.create_connection((host, port or 0)) as connection:
        connection.sendall(raw)
        await asyncio.sleep(0.05)

    assert (await anyone.get("/healthz")).status_code == 200


async def test_too_large_body_is_cut_off_during_the_upload(
    anyone: httpx.AsyncClient, server: ServiceProcess
):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 65_536

    headers = {**headers_of("ana"), "Content-Type": "application/json"}
    try:
        response = await anyone.post(
            "/api/progress/videos/batch", content=endless(), headers=headers
        )
    except httpx.WriteError:  # closed while the client was still sending
        return

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


async def test_log_contains_no_token_no_position_and_no_body(tmp_path: Path):
    token, position = a_token("ana"), 47.1179
    given = {"PROGRESS_LOG_FORMAT": "json", "PROGRESS_WATCH_TIME_RATE": "100/second"}
    with dev(tmp_path, **given) as served:
        path = "/api/progress/video/welcome"
        bodies = [
            a_body(watch_time=position, total_duration=90, device_id="my-secret-phone"),
            a_body(watch_time=position, total_duration=4_711.5),
            a_body(watch_time=str(position), total_duration=90, surprise="my-secret-word"),
            {"my-secret-field": position},
        ]
        async with httpx.AsyncClient(base_url=served.address, headers=bearer(token)) as ana:
            statuses = [
                (await ana.post(f"{path}/watch-time", json=body)).status_code for body in bodies
            ]
            for call in (f"{path}/status", "/api/progress/course/demo", "/api/nothing"):
                await ana.get(call, params={"access_token": token})
            await ana.get(f"{path}/status", headers=bearer(token + "x"))
            await ana.get("/api/progress/video/my-secret-video/status")
        served.stop()
        log = served.log

    assert statuses == [200, 422, 422, 422]
    assert '"status": 422' in log
    for secret in (token, token.rpartition(".")[2], "47.1179", "4711", "my-secret", "Bearer"):
        assert secret not in log


async def test_log_lines_of_rejected_requests_have_their_request_id(tmp_path: Path):
    with dev(tmp_path, PROGRESS_LOG_FORMAT="json") as served:
        responses = [
            httpx.get(f"{served.address}/api/progress/video/a/status", headers=headers)
            for headers in ({}, {"X-Request-ID": "mine-7"}, {"X-Request-ID": "not mine\t!"})
        ]
        served.stop()
        lines = [json.loads(line) for line in served.log.splitlines()]

    ids = [response.headers["x-request-id"] for response in responses]
    assert ids[1] == "mine-7"
    assert all(re.fullmatch(r"[0-9a-f]{16}", ids[n]) for n in (0, 2))
    logged = [line["request_id"] for line in lines if line["event"] == "request_completed"]
    assert [i for i in logged if i in ids] == ids
