"""Findings about settings and keys, with real key files and real key servers."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jose import jwk

from progress_service.doctor import key_set
from tests.tcp_server import tcp_server

from .conftest import Examine, of_check, only

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PRIVATE_PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
EC_PEM = EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
OWN_TOKENS = {"jwt_issuer": "https://login.example", "jwt_audience": "progress"}


def a_key_set(*pems: bytes) -> bytes:
    """A JWKS document."""
    algorithms = {PEM: "RS256", EC_PEM: "ES256"}
    keys = [
        {**jwk.construct(pem.decode(), algorithms[pem]).to_dict(), "kid": algorithms[pem]}
        for pem in pems
    ]
    return json.dumps({"keys": keys}).encode()


@asynccontextmanager
async def key_server(body: bytes, *, status: str = "200 OK") -> AsyncIterator[str]:
    """The address of a server that returns *body*."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async with tcp_server(serve) as port:
        yield f"http://127.0.0.1:{port}/jwks.json?key=hunter2"


@pytest.fixture
def keys(examined: Examine) -> Examine:
    """``await keys(jwt_algorithms=…)``: what the check of the key set finds."""

    async def run(*algorithms: str, **given: Any) -> Any:
        return of_check("key_set", await examined(jwt_algorithms=algorithms, **given))

    return run


async def test_secret_needs_no_key_set(keys: Examine):
    assert only(await keys("HS256")).status == "ok"


async def test_key_file_is_read(keys: Examine, tmp_path: Path):
    (tmp_path / "key.pem").write_bytes(PEM)

    finding = only(await keys("RS256", jwt_public_key=tmp_path / "key.pem"))

    assert (finding.status, "RS256" in finding.finding) == ("ok", True)


@pytest.mark.parametrize(
    ("content", "algorithm"),
    [(None, "RS256"), (b"", "RS256"), (PEM, "ES256"), (EC_PEM, "RS256"), (b"\xff\xfe", "RS256")],
    ids=["missing", "empty", "RSA for ES256", "EC for RS256", "binary"],
)
async def test_unusable_key_file_is_an_error(
    keys: Examine, tmp_path: Path, content: bytes | None, algorithm: str
):
    if content is not None:
        (tmp_path / "key.pem").write_bytes(content)

    finding = only(await keys(algorithm, jwt_public_key=tmp_path / "key.pem"))

    assert finding.status == "error"
    assert "no usable key" in finding.finding


async def test_private_key_in_the_key_file_is_a_warning(keys: Examine, tmp_path: Path):
    (tmp_path / "key.pem").write_bytes(PRIVATE_PEM)

    *_, finding = await keys("RS256", jwt_public_key=tmp_path / "key.pem")

    assert finding.status == "warning"
    assert "private key" in finding.finding


async def test_algorithm_without_a_key_in_a_key_set_file_is_a_warning(
    keys: Examine, tmp_path: Path
):
    (tmp_path / "jwks.json").write_bytes(a_key_set(PEM))

    lacking, present = await keys("RS256", "ES256", jwt_public_key=tmp_path / "jwks.json")

    assert (lacking.status, present.status) == ("warning", "ok")
    assert "no key for ES256" in lacking.finding


async def test_no_key_at_all_is_an_error(keys: Examine):
    assert only(await keys("RS256")).status == "error"


async def test_unknown_algorithm_is_an_error(keys: Examine):
    assert "none" in only(await keys("none")).finding


async def test_key_address_is_fetched(keys: Examine):
    async with key_server(a_key_set(PEM, EC_PEM)) as url:
        finding = only(await keys("RS256", "ES256", jwt_jwks_url=url, **OWN_TOKENS))

    assert finding.status == "ok"
    assert "hunter2" not in str(finding)


async def test_tokens_for_other_applications_are_a_warning(keys: Examine):
    async with key_server(a_key_set(PEM)) as url:
        _, finding = await keys("RS256", jwt_jwks_url=url)

    assert finding.status == "warning"
    assert "PROGRESS_JWT_AUDIENCE" in finding.finding


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", "404 Not Found", "returned 404"),
        (b"<html>", "200 OK", "is no JWKS document"),
        (b"[]", "200 OK", "is no JWKS document"),
        (b'{"keys": []}', "200 OK", "no usable key"),
        (a_key_set(EC_PEM), "200 OK", "no usable key for RS256"),
    ],
)
async def test_key_address_without_keys_is_an_error(
    keys: Examine, body: bytes, status: str, reason: str
):
    async with key_server(body, status=status) as url:
        finding = only(await keys("RS256", jwt_jwks_url=url, **OWN_TOKENS))

    assert finding.status == "error"
    assert reason in finding.finding
    assert "hunter2" not in str(finding)


async def test_dead_key_address_is_an_error(keys: Examine):
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/jwks.json"
        finding = only(await keys("RS256", jwt_jwks_url=url, **OWN_TOKENS))

    assert (finding.status, "cannot be reached" in finding.finding) == ("error", True)


async def test_silent_key_address_is_an_error(keys: Examine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(key_set, "FETCH_SECONDS", 0.2)

    async def stay_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with tcp_server(stay_silent) as port:
        url = f"http://127.0.0.1:{port}/"
        finding = only(await keys("RS256", jwt_jwks_url=url, **OWN_TOKENS))

    assert (finding.status, "did not respond" in finding.finding) == ("error", True)


# -- what must fit the proxy -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "environment", "fragment"),
    [
        ({}, {"FORWARDED_ALLOW_IPS": "*"}, "FORWARDED_ALLOW_IPS"),
        ({}, {"FORWARDED_ALLOW_IPS": "10.0.0.1, 0.0.0.0/0"}, "FORWARDED_ALLOW_IPS"),
        ({"keep_alive_seconds": 59}, {}, "PROGRESS_KEEP_ALIVE_SECONDS=59"),
        ({"workers": 4}, {}, "4 workers"),
        ({"root_path": "/api"}, {}, "PROGRESS_ROOT_PATH=/api"),
        ({"cors_origins": "http://learn.example"}, {}, "http://learn.example"),
        ({"cors_origins": "http://localhost:5173"}, {}, "developer"),
    ],
)
async def test_setting_that_does_not_fit_a_proxy_is_a_warning(
    examined: Examine, given: dict[str, Any], environment: dict[str, str], fragment: str
):
    finding = only(of_check("proxy", await examined(environment=environment, **given)))

    assert finding.status == "warning"
    assert fragment in finding.finding
    assert finding.remedy


@pytest.mark.parametrize(
    ("given", "environment"),
    [
        ({}, {"FORWARDED_ALLOW_IPS": "10.0.0.1"}),
        ({"keep_alive_seconds": 60, "root_path": "/learn"}, {}),
        ({"workers": 4, "rate_limit_storage": "mongodb://limits"}, {}),
        ({"cors_origins": "https://learn.example,capacitor://localhost"}, {}),
    ],
)
async def test_settings_that_fit_a_proxy_are_ok(
    examined: Examine, given: dict[str, Any], environment: dict[str, str]
):
    assert only(of_check("proxy", await examined(environment=environment, **given))).status == "ok"


@pytest.mark.parametrize(
    "given", [{"analytics_min_learners": 1}, {"webhooks_allow_private_addresses": True}]
)
async def test_setting_that_removes_a_protection_is_a_warning(
    examined: Examine, given: dict[str, Any]
):
    finding = only(of_check("settings", await examined(**given)))

    assert finding.status == "warning"
    assert next(iter(given)).upper() in finding.finding


@pytest.mark.parametrize(
    "given",
    [
        {"rate_limit_storage": "nonsense://user:hunter2@host"},
        {"xapi_endpoint": "https://lrs.example/xAPI", "xapi_secret": "hunter2"},
    ],
)
async def test_settings_that_prevent_the_start_are_an_error(
    examined: Examine, given: dict[str, Any]
):
    finding = only(of_check("settings", await examined(**given)))

    assert (finding.status, "does not start" in finding.finding) == ("error", True)
    assert "hunter2" not in str(finding)


async def test_secret_of_tokens_is_no_key_for_webhooks(examined: Examine):
    secret = "Zq8-vR2_mK5+tW9/xB4=cN7!hJ3#fL6$"

    findings = await examined(jwt_secret=secret, webhooks_encryption_key=secret)

    assert [each.status for each in of_check("secret", findings)] == ["ok", "warning"]
    assert secret not in str(findings)
