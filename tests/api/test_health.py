"""What operators ask, and what every answer carries."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import a_body

ORIGIN = "https://app.example"


async def test_the_process_lives_and_its_parts_answer(anyone: httpx.AsyncClient):
    assert (await anyone.get("/healthz")).json() == {"status": "ok"}
    assert (await anyone.get("/readyz")).json() == {"status": "ready"}


async def test_measures_are_given_by_route_and_never_by_name(
    anyone: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    await ana.get("/api/progress/video/a-video-of-my-own/status")
    await anyone.get("/a/place/of/my/own")

    told = (await anyone.get("/metrics")).text

    assert (
        'progress_http_requests_total{method="POST",'
        'route="/api/progress/video/{video_id}/watch-time",status="200"} 1.0'
    ) in told
    assert "my-own" not in told
    assert "my/own" not in told
    assert "ana" not in told.replace("analytics", "")


@pytest.mark.parametrize("path", ["/healthz", "/api/nothing", "/api/progress/video/a/status"])
async def test_every_answer_has_a_request_id_and_is_taken_at_its_word(
    anyone: httpx.AsyncClient, path: str
):
    answer = await anyone.get(path)

    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_request_id_that_is_given_is_given_back(anyone: httpx.AsyncClient):
    answer = await anyone.get("/api/nothing", headers={"X-Request-ID": "mine-7"})

    assert (answer.headers["x-request-id"], answer.json()["request_id"]) == ("mine-7", "mine-7")


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "é"])
async def test_a_request_id_that_makes_no_sense_is_replaced(anyone: httpx.AsyncClient, given: str):
    answer = await anyone.get("/healthz", headers={b"x-request-id": given.encode()})

    assert len(answer.headers["x-request-id"]) == 16


async def test_a_bug_is_a_500_problem_that_tells_nothing(
    anyone: httpx.AsyncClient, app: Any, ana: httpx.AsyncClient
):
    del app.state.is_ready

    answer = await anyone.get("/readyz")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "is_ready" not in answer.text


# -- origins -----------------------------------------------------------------------------------


async def asked_before(anyone: httpx.AsyncClient, origin: str) -> httpx.Response:
    return await anyone.options(
        "/api/progress/video/intro/watch-time",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.settings(cors_origins=ORIGIN)
async def test_an_allowed_origin_may_call_from_a_browser(anyone: httpx.AsyncClient):
    answer = await asked_before(anyone, ORIGIN)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.settings(cors_origins=ORIGIN)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil.example", ORIGIN + ":8443"]
)
async def test_another_origin_may_not(anyone: httpx.AsyncClient, origin: str):
    answer = await asked_before(anyone, origin)

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.settings(cors_origins=ORIGIN)
async def test_a_browser_may_read_the_refusals_too(anyone: httpx.AsyncClient):
    answer = await anyone.get("/api/progress/video/a/status", headers={"Origin": ORIGIN})

    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    assert {"date", "retry-after", "x-request-id"} <= set(exposed)


@pytest.mark.settings(cors_origins="capacitor://localhost,ionic://localhost,tauri://localhost")
@pytest.mark.parametrize(
    "origin", ["capacitor://localhost", "ionic://localhost", "tauri://localhost"]
)
async def test_an_app_with_a_scheme_of_its_own_may_call(anyone: httpx.AsyncClient, origin: str):
    answer = await asked_before(anyone, origin)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin


async def test_without_the_setting_no_origin_may(anyone: httpx.AsyncClient):
    answer = await asked_before(anyone, ORIGIN)

    assert "access-control-allow-origin" not in answer.headers
