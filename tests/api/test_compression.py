"""Web app files are sent compressed to clients that accept it."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from progress_service.web_app import WEB_APP

HTML = "text/html,application/xhtml+xml"
BROWSER = {"Accept": HTML, "Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
async def script(anyone: httpx.AsyncClient) -> str:
    """The path of the app's script."""
    page = await anyone.get("/")
    return str(re.findall(r'src="(/assets/[^"]+\.js)"', page.text)[0])


async def raw(client: httpx.AsyncClient, method: str, path: str, **headers: str) -> httpx.Response:
    """The response with its body as sent over the wire."""
    request = client.build_request(method, path, headers=headers)
    response = await client.send(request, stream=True)
    response._content = b"".join([part async for part in response.aiter_raw()])
    await response.aclose()
    return response


@pytest.mark.parametrize(("coding", "ending"), [("br", ".br"), ("gzip", ".gz")])
async def test_script_is_sent_in_the_accepted_encoding(
    anyone: httpx.AsyncClient, script: str, coding: str, ending: str
):
    plain = await raw(anyone, "GET", script, **{"Accept-Encoding": "identity"})

    response = await raw(anyone, "GET", script, **{"Accept-Encoding": coding})

    assert response.content == (WEB_APP / f"{script[1:]}{ending}").read_bytes()
    assert response.headers["content-encoding"] == coding
    assert int(response.headers["content-length"]) == len(response.content) < len(plain.content) / 2
    assert response.headers["content-type"] == plain.headers["content-type"]
    assert response.headers["etag"] != plain.headers["etag"]
    assert response.headers["cache-control"] == plain.headers["cache-control"]
    assert "content-encoding" not in plain.headers
    for one in (response, plain):
        assert "Accept-Encoding" in one.headers["vary"]


async def test_decompressed_script_equals_the_file(anyone: httpx.AsyncClient, script: str):
    response = await raw(anyone, "GET", script, **{"Accept-Encoding": "gzip"})

    assert gzip.decompress(response.content) == (WEB_APP / script[1:]).read_bytes()


@pytest.mark.parametrize("path", ["/", "/index.html", "/courses/demo", "/courses/a.b/videos/c.d"])
async def test_page_is_compressed_at_every_address(anyone: httpx.AsyncClient, path: str):
    response = await raw(anyone, "GET", path, **BROWSER)

    assert response.status_code == 200
    assert response.headers["content-encoding"] == "br"
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-cache"
    assert {"Accept", "Accept-Encoding"} <= set(re.split(r",\s*", response.headers["vary"]))


@pytest.mark.parametrize("path", ["/sw.js", "/manifest.webmanifest"])
async def test_file_at_the_root_is_compressed(anyone: httpx.AsyncClient, path: str):
    response = await raw(anyone, "GET", path, **BROWSER)

    assert response.headers["content-encoding"] == "br"


async def test_head_response_has_the_headers_of_get(anyone: httpx.AsyncClient, script: str):
    get_response = await raw(anyone, "GET", script, **BROWSER)

    response = await raw(anyone, "HEAD", script, **BROWSER)

    assert response.content == b""
    for name in ("content-encoding", "content-length", "content-type", "etag", "vary"):
        assert response.headers[name] == get_response.headers[name]


async def test_script_with_a_known_etag_gets_304(anyone: httpx.AsyncClient, script: str):
    first = await raw(anyone, "GET", script, **BROWSER)

    again = await raw(anyone, "GET", script, **BROWSER, **{"If-None-Match": first.headers["etag"]})
    plain = await raw(anyone, "GET", script, **{"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "Accept-Encoding" in again.headers["vary"]
    assert "content-encoding" not in again.headers
    assert plain.status_code == 200


async def test_range_request_gets_uncompressed_bytes(anyone: httpx.AsyncClient, script: str):
    response = await raw(anyone, "GET", script, **BROWSER, Range="bytes=0-9")

    assert (response.status_code, response.headers.get("content-encoding")) == (206, None)
    assert response.content == (WEB_APP / script[1:]).read_bytes()[:10]
    assert "Accept-Encoding" in response.headers["vary"]


async def test_video_is_sent_uncompressed(anyone: httpx.AsyncClient):
    response = await raw(anyone, "GET", "/demo/media/welcome.mp4", **BROWSER, Range="bytes=0-9")

    assert (response.status_code, len(response.content)) == (206, 10)
    assert "content-encoding" not in response.headers


async def test_compressed_file_has_no_address_of_its_own(anyone: httpx.AsyncClient, script: str):
    for path in (f"{script}.br", f"{script}.gz", "/index.html.br", "/sw.js.gz"):
        response = await raw(anyone, "GET", path, **BROWSER)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


async def test_api_responses_are_not_compressed(anyone: httpx.AsyncClient):
    for path in ("/api/nothing", "/healthz"):
        response = await raw(anyone, "GET", path, **{"Accept-Encoding": "br, gzip"})
        assert "content-encoding" not in response.headers


def test_built_files_are_at_most_one_megabyte():
    assert WEB_APP.is_dir()
    assert [path for path in WEB_APP.rglob("*") if path.stat().st_size > 1_000_000] == []
