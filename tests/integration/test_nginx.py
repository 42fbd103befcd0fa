"""The nginx of `deploy/nginx` in front of the service: what it passes on, adds and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from progress_service.edge.problems import MAX_LARGE_BODY_BYTES
from progress_service.testing import UNLIMITED, ServiceProcess, free_port, wait_until
from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer
from tests.nginx import PREFIX, Proxy, nginx
from tests.processes import dev

ROWS = 3_000
INVALID_TOKENS_A_MINUTE = 5
NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with dev(tmp_path_factory.mktemp("dev"), PROGRESS_ROOT_PATH=PREFIX, **UNLIMITED) as service:
        yield service


@pytest.fixture(scope="module")
def proxy(service: ServiceProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The first process of its upstream does not run."""
    with nginx(tmp_path_factory.mktemp("nginx"), [free_port(), service.port]) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Proxy) -> Iterator[httpx.Client]:
    tls = proxy.certificate.of_client()
    with httpx.Client(base_url=proxy.address, verify=tls, timeout=60, trust_env=False) as client:
        yield client


def test_requests_reach_a_process_that_runs(client: httpx.Client, proxy: Proxy):
    ana, path = bearer(a_token("ana")), "/api/progress/video/welcome/watch-time"
    body = a_body(watch_time=20, total_duration=90)

    statuses = {client.post(path, json=body, headers=ana).status_code for _ in range(6)}

    assert statuses == {200}
    assert "Connection refused" in proxy.error_log


def test_plain_http_is_redirected_with_method_prefix_and_query(proxy: Proxy):
    path = f"{PREFIX}/api/progress/changes?since=abc"

    response = httpx.post(f"{proxy.plain_address}{path}", trust_env=False)

    assert response.status_code == 308
    assert response.headers["location"] == proxy.address.removesuffix(PREFIX) + path


@pytest.mark.parametrize("path", ["/docs/", ""])
def test_redirects_keep_tls_and_prefix(client: httpx.Client, proxy: Proxy, path: str):
    response = client.get(proxy.address + path, follow_redirects=True)

    assert all(str(step.url).startswith(proxy.address) for step in [*response.history, response])
    assert response.status_code == 200


def test_responses_have_strict_transport_security_and_one_request_id(client: httpx.Client):
    given = client.get("/healthz", headers={"X-Request-ID": "from-the-client"})
    made = client.get("/healthz")

    assert given.headers["strict-transport-security"] == "max-age=31536000"
    assert given.headers.get_list("x-request-id") == ["from-the-client"]
    assert re.fullmatch("[0-9a-f]{32}", made.headers["x-request-id"])


def test_course_of_8_mib_is_stored_and_a_larger_one_is_a_problem(client: httpx.Client):
    service = bearer(a_token("importer", "service"))
    body = json.dumps(a_course_body(a_material_body("large"))).encode()
    path = "/api/catalog/courses/large"

    stored = client.put(path, content=body.ljust(MAX_LARGE_BODY_BYTES), headers=service)
    refused = client.put(path, content=body.ljust(MAX_LARGE_BODY_BYTES + 1), headers=service)

    assert stored.status_code == 200, stored.text
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"


def test_results_of_an_import_arrive_while_it_runs(client: httpx.Client, service: ServiceProcess):
    row = {"student_id": "ana", "video_id": "welcome", "watch_time": 9, "total_duration": 90}
    lines = [
        json.dumps(row | {"observed_at": f"2026-01-01T00:00:00.{number:06d}Z"}) + "\n"
        for number in range(ROWS)
    ]
    headers = bearer(a_token("importer", "service")) | {"Content-Type": NDJSON}
    finished = 'route="/api/progress/import",status="200"'

    with client.stream(
        "POST", "/api/progress/import", content="".join(lines).encode(), headers=headers
    ) as response:
        results = response.iter_lines()
        first = json.loads(next(results))
        is_running = finished not in httpx.get(f"{service.address}/metrics").text
        others = sum(1 for _ in results)

    assert first["row"] == 1
    assert is_running
    assert others == ROWS - 1


def test_large_json_is_compressed_and_csv_keeps_its_type(client: httpx.Client):
    service = bearer(a_token("importer", "service"))
    course = client.get("/api/catalog/courses/demo", headers=service)
    csv = client.get("/api/progress/course/demo/students", headers=service | {"Accept": "text/csv"})

    assert course.headers["content-encoding"] == "gzip"
    assert course.json()["course_id"] == "demo"
    assert csv.headers["content-type"].startswith("text/csv")
    assert "content-encoding" not in csv.headers


def test_unknown_upgrade_is_answered_as_plain_http(client: httpx.Client):
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AA"}

    assert client.get("/healthz", headers=headers).status_code == 200


def test_invented_addresses_do_not_evade_the_limit_of_invalid_tokens(tmp_path: Path):
    rate = f"{INVALID_TOKENS_A_MINUTE}/minute"
    settings = {**UNLIMITED, "PROGRESS_SERVICE_RATE": rate, "PROGRESS_ROOT_PATH": PREFIX}
    with (
        dev(tmp_path / "dev", **settings) as limited,
        nginx(tmp_path / "nginx", [limited.port]) as proxy,
        httpx.Client(verify=proxy.certificate.of_client(), trust_env=False) as client,
    ):
        statuses = [
            client.get(
                f"{proxy.address}/api/progress/courses",
                headers={"X-Forwarded-For": f"203.0.113.{number}", **bearer("invalid")},
            ).status_code
            for number in range(INVALID_TOKENS_A_MINUTE + 1)
        ]

    assert statuses == [*[401] * INVALID_TOKENS_A_MINUTE, 429]


def test_access_log_has_neither_paths_nor_addresses(client: httpx.Client, proxy: Proxy):
    headers = bearer(a_token("importer", "service")) | {"X-Request-ID": "logged"}
    client.get("/api/progress/students/ana-the-student/course/demo", headers=headers)

    wait_until(lambda: "logged" in proxy.access_log, within_seconds=60)

    assert "ana-the-student" not in proxy.access_log
    assert "127.0.0.1" not in proxy.access_log


def test_without_any_process_the_response_is_a_problem_that_says_when_to_retry(tmp_path: Path):
    with (
        nginx(tmp_path, [free_port(), free_port()]) as proxy,
        httpx.Client(verify=proxy.certificate.of_client(), trust_env=False) as client,
    ):
        response = client.post(f"{proxy.address}/api/progress/events", json={})

    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == "2"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (503, "unavailable")
    assert problem["request_id"]
