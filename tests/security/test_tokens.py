"""No hostile token is let in, over HTTP or over a socket."""

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


def is_refused(answer: httpx.Response) -> bool:
    """True for a 401 as it is documented."""
    problem = answer.json()
    return (
        answer.status_code == 401
        and answer.headers["content-type"] == "application/problem+json"
        and answer.headers["www-authenticate"].startswith("Bearer")
        and problem["status"] == 401
        and problem["code"] == "unauthenticated"
        and problem["request_id"] == answer.headers["x-request-id"]
    )


async def test_there_are_many_hostile_tokens_and_none_may_read(anyone: httpx.AsyncClient):
    let_in = []
    for name, token in HOSTILE.items():
        header = f"Bearer {token}".encode("latin-1")
        answer = await anyone.get(STATUS, headers={b"authorization": header})
        if not is_refused(answer):
            let_in.append((name, answer.status_code, answer.text))

    assert len(HOSTILE) >= 80
    assert let_in == []


async def test_no_hostile_token_may_write(anyone: httpx.AsyncClient):
    answers = {
        name: await anyone.post(
            "/api/progress/video/intro/watch-time",
            json=a_body(),
            headers={b"authorization": f"Bearer {token}".encode("latin-1")},
        )
        for name, token in HOSTILE.items()
    }

    assert [name for name, answer in answers.items() if not is_refused(answer)] == []


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_hostile_token_opens_a_socket(app: FastAPI, address: str):
    """A token that is too long, or no text, makes the frame invalid: 4400 instead of 4401."""
    let_in = {}
    for name, token in HOSTILE.items():
        code = await outcome_of_first_frame(app, address, {"type": "auth", "token": token})
        if code != "4401" and not (len(token) > MAX_TOKEN_CHARACTERS and code == "4400"):
            let_in[name] = code

    assert let_in == {}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_good_token_opens_a_socket(app: FastAPI, address: str):
    frame = {"type": "auth", "token": a_token()}

    assert await outcome_of_first_frame(app, address, frame) == "ready"
