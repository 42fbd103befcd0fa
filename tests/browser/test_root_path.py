"""The web app under a path prefix, behind proxies that strip it and that forward it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from progress_service.testing import ServiceProcess
from tests import nginx
from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.builders import a_body, a_token, bearer
from tests.processes import dev
from tests.reverse_proxy import reverse_proxy

pytestmark = pytest.mark.browser

PREFIX = "/learn/v2"
OTHER, OTHER_TITLE, OTHER_SECONDS = "state", "State that lasts", 75
STARTED = "() => document.querySelector('video')?.readyState >= 2"
WORKER_SCOPE = "navigator.serviceWorker.ready.then(({scope}) => scope)"


@pytest.mark.parametrize("strips", [True, False], ids=["stripped", "forwarded"])
def test_app_works_under_a_prefix(browser: Browser, tmp_path: Path, strips: bool):
    with dev(tmp_path, PROGRESS_ROOT_PATH=PREFIX) as served:
        root = served.address.removesuffix(PREFIX)
        with reverse_proxy(root, PREFIX, strips=strips) as address:
            journey(browser, served, address)


@pytest.mark.parametrize("strips", [True, False], ids=["stripped", "forwarded"])
def test_app_works_behind_nginx_with_tls(browser: Browser, tmp_path: Path, strips: bool):
    with (
        dev(tmp_path / "dev", PROGRESS_ROOT_PATH=nginx.PREFIX) as served,
        nginx.nginx(tmp_path / "nginx", [served.port], strips=strips) as proxy,
    ):
        # A page whose certificate is merely accepted may have no service worker.
        trusted = f"--ignore-certificate-errors-spki-list={proxy.certificate.public_key_hash}"
        trusting = browser.browser_type.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_FLAGS, trusted]
        )
        try:
            journey(trusting, served, proxy.address)
        finally:
            trusting.close()


def journey(browser: Browser, served: ServiceProcess, address: str) -> None:
    """Sign in, download, play, go on, and see what another device does, below *address* only."""
    context = browser.new_context()
    requested: list[str] = []
    sockets: list[str] = []
    context.on("request", lambda request: requested.append(request.url))
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("websocket", lambda socket: sockets.append(socket.url))

    page.goto(f"{address}/")
    page.get_by_label("Access token").fill(a_token("ana"))
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/courses/demo")
    page.get_by_role("button", name="Keep Welcome to the course on this device").click()
    expect(page.get_by_role("button", name="Remove Welcome to the course")).to_be_visible()
    page.get_by_role("button", name="Play Welcome to the course").click()
    page.wait_for_function(STARTED)
    scope = page.evaluate(WORKER_SCOPE)
    page.reload()
    expect(page).to_have_url(f"{address}/courses/demo/videos/welcome")
    page.wait_for_function(STARTED)
    page.get_by_role("link", name="Progress").click()
    expect(page).to_have_url(f"{address}/courses/demo")
    root = f"http://127.0.0.1:{served.port}/api/progress/video"
    ana = bearer(a_token("ana"))
    body = a_body(watch_time=50, total_duration=OTHER_SECONDS, device_id="phone")
    httpx.post(f"{root}/{OTHER}/watch-time", json=body, headers=ana, timeout=30).raise_for_status()
    row = page.get_by_role("list", name="Materials:").get_by_role("listitem")
    bar = row.filter(has_text=OTHER_TITLE).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", re.compile("^0:50 of "), timeout=30_000)
    page.close()
    context.close()
    status = httpx.get(f"{root}/welcome/status", headers=ana, timeout=30)

    assert scope == f"{address}/"
    assert [url for url in requested if not url.startswith((address, "blob:", "data:"))] == []
    assert {url.split("?")[0] for url in sockets} == {
        f"{address.replace('http', 'ws', 1)}/progress"
    }
    assert status.status_code == 200
