"""How long browsers may keep what they loaded."""

from __future__ import annotations

import re

import httpx
import pytest


@pytest.mark.parametrize("path", ["/", "/courses/demo", "/sw.js", "/docs"])
async def test_what_keeps_its_name_is_asked_for_again(anyone: httpx.AsyncClient, path: str):
    answer = await anyone.get(path, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


async def test_what_has_a_hash_in_its_name_is_kept(anyone: httpx.AsyncClient):
    page = (await anyone.get("/")).text
    assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)

    assert assets
    for asset in assets:
        answer = await anyone.get(asset)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_what_is_not_there_is_not_kept(anyone: httpx.AsyncClient):
    answer = await anyone.get("/assets/nothing-of-this-name.js")

    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_answers_of_the_interface_are_nobodys_pages(anyone: httpx.AsyncClient):
    assert "cache-control" not in (await anyone.get("/openapi.json")).headers


@pytest.mark.parametrize("path", ["/api/nothing", "/api/progress/video"])
async def test_what_is_not_in_the_interface_is_a_problem_for_browsers_too(
    anyone: httpx.AsyncClient, path: str
):
    answer = await anyone.get(path, headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
