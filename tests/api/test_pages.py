"""Cache and security headers of pages and API responses."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.builders import a_body

BROWSERS_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/", "/courses/demo", "/sw.js", "/docs"])
async def test_file_with_a_fixed_name_is_revalidated(anyone: httpx.AsyncClient, path: str):
    response = await anyone.get(path, headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


async def test_file_with_a_hashed_name_is_cached(anyone: httpx.AsyncClient):
    page = (await anyone.get("/")).text
    assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)

    assert assets
    for asset in assets:
        response = await anyone.get(asset)
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_missing_asset_is_not_cached(anyone: httpx.AsyncClient):
    response = await anyone.get("/assets/nothing-of-this-name.js")

    assert "immutable" not in response.headers.get("cache-control", "")


MISSING = [
    "/assets/nothing-of-this-name.js",
    "/assets/",
    "/assets",
    "/ASSETS/nothing.js",
    "/docs-assets/nothing.js",
    "/demo/media/nothing.mp4",
    "/demo",
    "/sw2.js",
    "/favicon.ico",
    "/.env",
    "/courses.zip",
    "/any/where/file.txt",
    "/api",
    "/API/progress/video",
    "/Api/nothing",
    "/%2Fapi/nothing",
    "/assets%2Fnothing.js",
    "/courses/../api/nothing",
    "/redoc",
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", MISSING)
async def test_missing_file_is_a_problem_for_browsers_too(
    anyone: httpx.AsyncClient, method: str, path: str
):
    address = httpx.URL("http://service", raw_path=path.encode())
    response = await anyone.request(method, address, headers={"Accept": BROWSERS_ACCEPT})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    ["/courses/demo", "/courses/intro.v2", "/courses/a.b/videos/c.d", "/nobody/knows", "/courses"],
)
async def test_page_varies_by_the_accept_header(anyone: httpx.AsyncClient, method: str, path: str):
    page = await anyone.request(method, path, headers={"Accept": BROWSERS_ACCEPT})
    other = await anyone.request(method, path, headers={"Accept": "application/json"})

    assert (page.status_code, other.status_code) == (200, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    assert other.headers["cache-control"] == "no-store"
    assert (page.headers["vary"], other.headers["vary"]) == ("Accept, Accept-Encoding", "Accept")


async def test_page_under_assets_is_not_cached(anyone: httpx.AsyncClient):
    response = await anyone.get("/assets/%2e%2e/index.html", headers={"Accept": "text/html"})

    assert response.headers["cache-control"] in ("no-cache", "no-store")


# -- security headers --------------------------------------------------------------------------


async def test_api_responses_are_not_cached(
    anyone: httpx.AsyncClient, ana: httpx.AsyncClient, course: object
):
    status = await ana.get("/api/progress/video/intro/status")
    report = await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    catalog = await ana.get("/api/catalog/courses/react")
    rejected = await anyone.get("/api/progress/video/intro/status")
    invalid = await ana.post("/api/progress/video/intro/watch-time", json={})
    missing = await ana.get("/api/nothing", headers={"Accept": "text/html"})
    too_large = await ana.post("/api/progress/events", content=b" " * 1_100_000)

    responses = [status, report, catalog, rejected, invalid, missing, too_large]
    assert [a.status_code for a in responses] == [200, 200, 200, 401, 422, 404, 413]
    for response in responses:
        assert response.headers.get_list("cache-control") == ["no-store"]
        assert response.headers.get_list("referrer-policy") == ["no-referrer"]
        assert response.headers.get_list("x-content-type-options") == ["nosniff"]
        assert response.headers.get_list("content-security-policy") == [
            "default-src 'none'; frame-ancestors 'none'"
        ]


@pytest.mark.parametrize("path", ["/", "/courses/demo", "/index.html", "/docs", "/sw.js"])
async def test_page_policy_allows_own_scripts_only(anyone: httpx.AsyncClient, path: str):
    response = await anyone.get(path, headers={"Accept": BROWSERS_ACCEPT})

    [policy] = response.headers.get_list("content-security-policy")
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"].startswith("'self'")
    assert "unsafe" not in directives["script-src"]
    assert directives["frame-ancestors"] == "'none'"
    assert directives["object-src"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["connect-src"] == "'self'"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in response.headers


@pytest.mark.settings(cors_origins=("https://learn.example",))
async def test_api_response_is_readable_from_an_allowed_origin(ana: httpx.AsyncClient):
    origin = {"Origin": "https://learn.example"}
    preflight_headers = {"Access-Control-Request-Method": "PUT", **origin}

    response = await ana.get("/api/nothing", headers=origin)
    preflight = await ana.options("/api/nothing", headers=preflight_headers)

    assert response.headers["access-control-allow-origin"] == "https://learn.example"
    assert "Origin" in response.headers["vary"]
    assert (preflight.status_code, response.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/progress/video"])
async def test_unknown_api_path_is_a_problem_for_browsers_too(anyone: httpx.AsyncClient, path: str):
    response = await anyone.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
