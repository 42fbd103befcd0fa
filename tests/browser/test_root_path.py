"""The web app under a path prefix, behind a proxy that strips it and one that forwards it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.builders import a_token, bearer
from tests.processes import dev
from tests.reverse_proxy import reverse_proxy

pytestmark = pytest.mark.browser

PREFIX = "/learn/v2"
STARTED = "() => document.querySelector('video')?.readyState >= 2"
WORKER_SCOPE = "navigator.serviceWorker.ready.then(({scope}) => scope)"


@pytest.mark.parametrize("strips", [True, False], ids=["stripped", "forwarded"])
def test_app_works_under_a_prefix(browser: Browser, tmp_path: Path, strips: bool):
    with dev(tmp_path, PROGRESS_ROOT_PATH=PREFIX) as served:
        root = served.address.removesuffix(PREFIX)
        with reverse_proxy(root, PREFIX, strips=strips) as address:
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
            page.close()
            context.close()
        path = "/api/progress/video/welcome/status"
        status = httpx.get(root + path, headers=bearer(a_token("ana")), timeout=30)

    assert scope == f"{address}/"
    assert [url for url in requested if not url.startswith((address, "blob:", "data:"))] == []
    assert {url.split("?")[0] for url in sockets} == {
        f"{address.replace('http', 'ws', 1)}/progress"
    }
    assert status.status_code == 200
