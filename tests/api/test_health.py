"""Health, metrics, and the headers of every response."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.edge.health import Readiness
from tests.builders import a_body

ORIGIN = "https://app.example"


async def test_healthz_and_readyz_report_ok(anyone: httpx.AsyncClient):
    assert (await anyone.get("/healthz")).json() == {"status": "ok"}
    assert (await anyone.get("/readyz")).json() == {"status": "ready"}


async def test_metrics_are_labelled_by_route_and_never_by_id(
    anyone: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    await ana.get("/api/progress/video/a-video-of-my-own/status")
    await anyone.get("/a/place/of/my/own")

    metrics = (await anyone.get("/metrics")).text

    assert (
        'progress_http_requests_total{method="POST",'
        'route="/api/progress/video/{video_id}/watch-time",status="200"} 1.0'
    ) in metrics
    assert "my-own" not in metrics
    assert "my/own" not in metrics
    assert "ana" not in metrics.replace("analytics", "")


@pytest.mark.parametrize("path", ["/healthz", "/api/nothing", "/api/progress/video/a/status"])
async def test_response_has_a_request_id_and_nosniff(anyone: httpx.AsyncClient, path: str):
    response = await anyone.get(path)

    assert len(response.headers["x-request-id"]) == 16
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_request_id_of_the_client_is_returned(anyone: httpx.AsyncClient):
    response = await anyone.get("/api/nothing", headers={"X-Request-ID": "mine-7"})

    assert (response.headers["x-request-id"], response.json()["request_id"]) == ("mine-7", "mine-7")


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "é"])
async def test_invalid_request_id_is_replaced(anyone: httpx.AsyncClient, given: str):
    response = await anyone.get("/healthz", headers={b"x-request-id": given.encode()})

    assert len(response.headers["x-request-id"]) == 16


async def test_unexpected_error_is_a_500_problem_without_details(
    anyone: httpx.AsyncClient, app: Any, ana: httpx.AsyncClient
):
    del app.services[Readiness]

    response = await anyone.get("/readyz")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert "Readiness" not in response.text


# -- origins -----------------------------------------------------------------------------------


async def preflight(anyone: httpx.AsyncClient, origin: str) -> httpx.Response:
    return await anyone.options(
        "/api/progress/video/intro/watch-time",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.settings(cors_origins=ORIGIN)
async def test_allowed_origin_passes_the_preflight(anyone: httpx.AsyncClient):
    response = await preflight(anyone, ORIGIN)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "authorization" in response.headers["access-control-allow-headers"].lower()


@pytest.mark.settings(cors_origins=ORIGIN)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil.example", ORIGIN + ":8443"]
)
async def test_other_origin_fails_the_preflight(anyone: httpx.AsyncClient, origin: str):
    response = await preflight(anyone, origin)

    assert "access-control-allow-origin" not in response.headers


@pytest.mark.settings(cors_origins=ORIGIN)
async def test_error_response_is_readable_from_an_allowed_origin(anyone: httpx.AsyncClient):
    response = await anyone.get("/api/progress/video/a/status", headers={"Origin": ORIGIN})

    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == ORIGIN
    exposed = response.headers["access-control-expose-headers"].lower().split(", ")
    assert {"date", "retry-after", "x-request-id"} <= set(exposed)


@pytest.mark.settings(cors_origins="capacitor://localhost,ionic://localhost,tauri://localhost")
@pytest.mark.parametrize(
    "origin", ["capacitor://localhost", "ionic://localhost", "tauri://localhost"]
)
async def test_allowed_origin_may_have_a_custom_scheme(anyone: httpx.AsyncClient, origin: str):
    response = await preflight(anyone, origin)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == origin


async def test_origins_are_not_allowed_by_default(anyone: httpx.AsyncClient):
    response = await preflight(anyone, ORIGIN)

    assert "access-control-allow-origin" not in response.headers
