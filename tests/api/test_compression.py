"""Files of the web app over the wire: compressed for those who accept it."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from progress_service.pages import WEB_APP

HTML = "text/html,application/xhtml+xml"
BROWSER = {"Accept": HTML, "Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
async def script(anyone: httpx.AsyncClient) -> str:
    """The path of the app's script."""
    page = await anyone.get("/")
    return re.findall(r'src="(/assets/[^"]+\.js)"', page.text)[0]


async def raw(client: httpx.AsyncClient, method: str, path: str, **headers: str) -> httpx.Response:
    """The answer with its body as it came over the wire."""
    request = client.build_request(method, path, headers=headers)
    answer = await client.send(request, stream=True)
    answer._content = b"".join([part async for part in answer.aiter_raw()])
    await answer.aclose()
    return answer


@pytest.mark.parametrize(("coding", "ending"), [("br", ".br"), ("gzip", ".gz")])
async def test_script_comes_in_the_coding_that_is_accepted(
    anyone: httpx.AsyncClient, script: str, coding: str, ending: str
):
    plain = await raw(anyone, "GET", script, **{"Accept-Encoding": "identity"})

    answer = await raw(anyone, "GET", script, **{"Accept-Encoding": coding})

    assert answer.content == (WEB_APP / f"{script[1:]}{ending}").read_bytes()
    assert answer.headers["content-encoding"] == coding
    assert int(answer.headers["content-length"]) == len(answer.content) < len(plain.content) / 2
    assert answer.headers["content-type"] == plain.headers["content-type"]
    assert answer.headers["etag"] != plain.headers["etag"]
    assert answer.headers["cache-control"] == plain.headers["cache-control"]
    assert "content-encoding" not in plain.headers
    for each in (answer, plain):
        assert "Accept-Encoding" in each.headers["vary"]


async def test_decompressed_script_is_the_script(anyone: httpx.AsyncClient, script: str):
    answer = await raw(anyone, "GET", script, **{"Accept-Encoding": "gzip"})

    assert gzip.decompress(answer.content) == (WEB_APP / script[1:]).read_bytes()


@pytest.mark.parametrize("path", ["/", "/index.html", "/courses/demo", "/courses/a.b/videos/c.d"])
async def test_every_page_address_is_compressed(anyone: httpx.AsyncClient, path: str):
    answer = await raw(anyone, "GET", path, **BROWSER)

    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert {"Accept", "Accept-Encoding"} <= set(re.split(r",\s*", answer.headers["vary"]))


@pytest.mark.parametrize("path", ["/sw.js", "/manifest.webmanifest"])
async def test_file_at_the_root_is_compressed(anyone: httpx.AsyncClient, path: str):
    answer = await raw(anyone, "GET", path, **BROWSER)

    assert answer.headers["content-encoding"] == "br"


async def test_head_says_the_same_as_get(anyone: httpx.AsyncClient, script: str):
    got = await raw(anyone, "GET", script, **BROWSER)

    answer = await raw(anyone, "HEAD", script, **BROWSER)

    assert answer.content == b""
    for name in ("content-encoding", "content-length", "content-type", "etag", "vary"):
        assert answer.headers[name] == got.headers[name]


async def test_form_that_is_known_is_not_sent_again(anyone: httpx.AsyncClient, script: str):
    first = await raw(anyone, "GET", script, **BROWSER)

    again = await raw(anyone, "GET", script, **BROWSER, **{"If-None-Match": first.headers["etag"]})
    plain = await raw(anyone, "GET", script, **{"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "Accept-Encoding" in again.headers["vary"]
    assert "content-encoding" not in again.headers
    assert plain.status_code == 200


async def test_part_of_a_file_is_part_of_what_it_holds(anyone: httpx.AsyncClient, script: str):
    answer = await raw(anyone, "GET", script, **BROWSER, Range="bytes=0-9")

    assert (answer.status_code, answer.headers.get("content-encoding")) == (206, None)
    assert answer.content == (WEB_APP / script[1:]).read_bytes()[:10]
    assert "Accept-Encoding" in answer.headers["vary"]


async def test_video_is_sent_as_it_is(anyone: httpx.AsyncClient):
    answer = await raw(anyone, "GET", "/demo/media/welcome.mp4", **BROWSER, Range="bytes=0-9")

    assert (answer.status_code, len(answer.content)) == (206, 10)
    assert "content-encoding" not in answer.headers


async def test_compressed_form_has_no_address_of_its_own(anyone: httpx.AsyncClient, script: str):
    for path in (f"{script}.br", f"{script}.gz", "/index.html.br", "/sw.js.gz"):
        answer = await raw(anyone, "GET", path, **BROWSER)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_answers_of_the_interface_are_not_compressed(anyone: httpx.AsyncClient):
    for path in ("/api/nothing", "/healthz"):
        answer = await raw(anyone, "GET", path, **{"Accept-Encoding": "br, gzip"})
        assert "content-encoding" not in answer.headers


def test_no_built_file_is_too_large():
    assert WEB_APP.is_dir()
    assert [path for path in WEB_APP.rglob("*") if path.stat().st_size > 1_000_000] == []
