"""The npm packages as adopters use them: packed, installed, compiled, built and run."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from progress_service.testing import ServiceProcess, wait_until
from tests.browser.adopter import Site, install, pack, run, site
from tests.builders import a_token
from tests.processes import dev

PACKAGES = {
    "progress-service-api-client",
    "progress-service-tracker",
    "progress-service-tracker-react",
}
STUDENT_ID = "auditor"
POSITION_SECONDS = 50.0  # further than 10 s from a chapter, where a resume would begin
WITHIN_SECONDS = 2.0


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pack(tmp_path_factory.mktemp("archives"))


@dataclass(frozen=True)
class Adopter:
    """An app that was built with the packages, its site and the service it uses."""

    folder: Path
    site: Site
    service: ServiceProcess

    @property
    def address(self) -> str:
        query = {
            "service": self.service.address,
            "account": STUDENT_ID,
            "token": a_token(STUDENT_ID),
        }
        return f"{self.site.origin}/?{urlencode(query)}"


@pytest.fixture(scope="module", params=["react-18", "react-19"])
def adopter(
    request: pytest.FixtureRequest,
    archives: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Adopter]:
    folder = install(tmp_path_factory.mktemp("app"), "app", request.param, archives=archives)
    run(folder, "npm", "run", "--silent", "build")
    with (
        site(folder / "dist") as served_site,
        dev(
            tmp_path_factory.mktemp("service"), PROGRESS_CORS_ORIGINS=served_site.origin
        ) as service,
    ):
        with service.client("tests", "service") as client:
            path = f"/api/catalog/courses/demo/enrollments/{STUDENT_ID}"
            client.put(path).raise_for_status()
        yield Adopter(folder, served_site, service)


def test_packages_are_complete(archives: list[Path]) -> None:
    found = set()
    for archive in archives:
        with tarfile.open(archive) as packed:
            names = set(packed.getnames())
            description = packed.extractfile("package/package.json")
            assert description is not None
            package = json.load(description)
        assert {"package/README.md", "package/LICENSE"} <= names
        assert not [name for name in names if name.startswith(("package/src", "package/test"))]
        for target in _targets(package["exports"]):
            assert f"package/{target.removeprefix('./')}" in names, (archive.name, target)
        assert "private" not in package
        found.add(package["name"])
        assert package["type"] == "module"
        assert package["sideEffects"] is False
        assert package["license"] == "Apache-2.0"
        assert package["engines"]["node"]
    assert found == PACKAGES


def _targets(exports: Any) -> Iterator[str]:
    if isinstance(exports, str):
        yield exports
    else:
        for value in exports.values():
            yield from _targets(value)


def test_packages_can_be_imported_and_rendered_in_node(adopter: Adopter) -> None:
    service, token = adopter.service.address, a_token(STUDENT_ID)

    run(adopter.folder, "node", "plain-node.mjs", service, STUDENT_ID, token)


def test_new_app_with_the_packages_builds_and_resumes(adopter: Adopter, browser: Browser) -> None:
    with browser.new_context() as context:
        page = _open(context.new_page(), adopter)
        page.locator("video").evaluate(f"(video) => {{ video.currentTime = {POSITION_SECONDS} }}")
        wait_until(lambda: _stored(adopter) == POSITION_SECONDS, within_seconds=30)

    with browser.new_context() as context:
        page = _open(context.new_page(), adopter)
        position = page.locator("video").evaluate("(video) => video.currentTime")
        assert position == pytest.approx(POSITION_SECONDS, abs=WITHIN_SECONDS)


def _open(page: Page, adopter: Adopter) -> Page:
    """The app's page, with the video where it starts."""
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(adopter.address)
    expect(page.get_by_role("heading")).to_have_text("Interfaces that remember")
    expect(page.locator("#connection")).to_have_text("live")
    page.wait_for_function(
        """() => {
          const video = document.querySelector("video");
          return video !== null && video.readyState >= 2 && !video.seeking;
        }"""
    )
    assert failures == []
    return page


def _stored(adopter: Adopter) -> float:
    with adopter.service.client(STUDENT_ID) as client:
        response = client.get("/api/progress/video/welcome/status").raise_for_status()
    position: float = response.json()["watch_time"]
    return position
