"""Hostile tokens are rejected, over HTTP and over a socket."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from tests.builders import a_body, a_token
from tests.security import hostile_tokens
from tests.security.sockets import ADDRESSES, outcome_of_first_frame

STATUS = "/api/progress/video/intro/status"
HOSTILE = hostile_tokens.tokens()
MAX_TOKEN_CHARACTERS = 4_096


def is_rejected(response: httpx.Response) -> bool:
    """True for a 401 as documented."""
    problem = response.json()
    return (
        response.status_code == 401
        and response.headers["content-type"] == "application/problem+json"
        and response.headers["www-authenticate"].startswith("Bearer")
        and problem["status"] == 401
        and problem["code"] == "unauthenticated"
        and problem["request_id"] == response.headers["x-request-id"]
    )


async def test_hostile_tokens_cannot_read(anyone: httpx.AsyncClient):
    accepted = []
    for name, token in HOSTILE.items():
        header = f"Bearer {token}".encode("latin-1")
        response = await anyone.get(STATUS, headers={b"authorization": header})
        if not is_rejected(response):
            accepted.append((name, response.status_code, response.text))

    assert len(HOSTILE) >= 80
    assert accepted == []


async def test_hostile_tokens_cannot_write(anyone: httpx.AsyncClient):
    responses = {
        name: await anyone.post(
            "/api/progress/video/intro/watch-time",
            json=a_body(),
            headers={b"authorization": f"Bearer {token}".encode("latin-1")},
        )
        for name, token in HOSTILE.items()
    }

    assert [name for name, response in responses.items() if not is_rejected(response)] == []


@pytest.mark.parametrize("address", ADDRESSES)
async def test_hostile_tokens_cannot_open_a_socket(app: FastAPI, address: str):
    """A token that is too long or not text makes the frame invalid: 4400 instead of 4401."""
    accepted = {}
    for name, token in HOSTILE.items():
        code = await outcome_of_first_frame(app, address, {"type": "auth", "token": token})
        if code != "4401" and not (len(token) > MAX_TOKEN_CHARACTERS and code == "4400"):
            accepted[name] = code

    assert accepted == {}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_valid_token_opens_a_socket(app: FastAPI, address: str):
    frame = {"type": "auth", "token": a_token()}

    assert await outcome_of_first_frame(app, address, frame) == "ready"
