"""The service under a path prefix, behind proxies that strip the prefix and that pass it on.

One of them is a real nginx with TLS and the configuration of `deploy/nginx`.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from websockets.asyncio.client import connect

from progress_service.testing import ServiceProcess
from tests import nginx
from tests.builders import a_body, a_token, bearer
from tests.processes import dev
from tests.reverse_proxy import reverse_proxy

PREFIXES = ["/learn/v2", "/progress", "/api", nginx.PREFIX]


@pytest.fixture(scope="module", params=PREFIXES)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServiceProcess, str]]:
    folder: Path = tmp_path_factory.mktemp("prefixed")
    given = {"PROGRESS_ROOT_PATH": request.param, "PROGRESS_WATCH_TIME_RATE": "100000/second"}
    with dev(folder, **given) as served:
        yield served, request.param


@dataclass(frozen=True)
class Proxied:
    """Where a proxy serves the service, with the prefix, and how to trust it."""

    address: str
    tls: ssl.SSLContext | None = None


@pytest.fixture(params=[True, False], ids=["stripped", "passed on"])
def proxied(
    request: pytest.FixtureRequest, served: tuple[ServiceProcess, str], tmp_path: Path
) -> Iterator[Proxied]:
    service, prefix = served
    root = service.address.removesuffix(prefix)
    if prefix == nginx.PREFIX:
        with nginx.nginx(tmp_path, [service.port], strips=request.param) as proxy:
            yield Proxied(proxy.address, proxy.certificate.of_client())
    else:
        with reverse_proxy(root, prefix, strips=request.param) as address:
            yield Proxied(address)


@pytest.fixture
def address(proxied: Proxied) -> str:
    return proxied.address


@pytest.fixture
def browser(proxied: Proxied) -> Iterator[httpx.Client]:
    headers, tls = {"Accept": "text/html,*/*"}, proxied.tls or True
    with httpx.Client(headers=headers, timeout=30, trust_env=False, verify=tls) as client:
        yield client


def test_api_is_reached_below_the_prefix(address: str, browser: httpx.Client):
    ana = bearer(a_token("ana"))
    video = f"{address}/api/progress/video/welcome"
    body = a_body(watch_time=20, total_duration=90)

    reported = browser.post(f"{video}/watch-time", json=body, headers=ana)

    assert reported.json() == {"message": "Watch time updated"}
    assert browser.get(f"{video}/status", headers=ana).json()["watch_time"] == 20
    assert browser.get(f"{address}/assets/nothing.js").status_code == 404
    assert browser.get(f"{address}/readyz").json() == {"status": "ready"}
    assert 'route="/api/progress/video/{video_id}/status"' in browser.get(f"{address}/metrics").text


def test_docs_load_their_files_and_call_the_service(address: str, browser: httpx.Client):
    page = browser.get(f"{address}/docs")
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    document_url = re.search(r"url: '([^']+)'", page.text)

    assert files
    assert {browser.get(urljoin(str(page.url), file)).status_code for file in files} == {200}
    assert document_url
    document = browser.get(urljoin(str(page.url), document_url[1])).json()
    server = urljoin(str(page.url), document["servers"][0]["url"]).rstrip("/")
    assert server == address
    assert f"{server}/healthz" == f"{address}/healthz"


@pytest.mark.parametrize("path", ["", "/", "/courses/demo", "/index.html"])
def test_page_loads_its_files(address: str, browser: httpx.Client, path: str, served):
    page = browser.get(address + path, follow_redirects=True)
    files = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert f'name="progress-root-path" content="{served[1]}"' in page.text
    assert len(files) >= 4
    for file in files:
        response = browser.get(urljoin(str(page.url), file))
        assert (response.status_code, "<html" in response.text[:200]) == (200, False), file
    manifest = browser.get(f"{address}/manifest.webmanifest").json()
    assert urljoin(str(page.url), manifest["start_url"]) == f"{address}/"
    assert all(
        browser.get(urljoin(str(page.url), icon["src"])).status_code == 200
        for icon in manifest["icons"]
    )
    assert browser.get(f"{address}/sw.js").status_code == 200


def test_redirects_stay_below_the_prefix(address: str, browser: httpx.Client):
    response = browser.get(f"{address}/docs/")
    while response.is_redirect:
        assert urljoin(str(response.url), response.headers["location"]).startswith(address)
        response = browser.get(urljoin(str(response.url), response.headers["location"]))


@pytest.mark.parametrize("path", ["/progress", "/api/progress/live"])
async def test_sockets_open_below_the_prefix(proxied: Proxied, path: str):
    address = proxied.address
    url = address.replace("http", "ws", 1) + path
    origin = address[: address.index("/", 8)]
    async with connect(url, proxy=None, origin=origin, ssl=proxied.tls) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"type": "auth", "token": a_token("ana")}))
        ready = json.loads(await asyncio.wait_for(socket.recv(), 30))

    assert ready["type"] == "ready"
