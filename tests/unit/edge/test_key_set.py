"""The keys that verify tokens: secrets, files, and an address whose keys rotate."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk, jwt

from progress_service.edge import key_set as module
from progress_service.edge.key_set import KeySet
from progress_service.edge.token_verifier import TokenVerifier
from progress_service.errors import StartupError, Unauthenticated, Unavailable
from tests.builders import SECRET, FakeTime
from tests.security import hostile_tokens

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def pem(key: PrivateKey) -> str:
    return hostile_tokens.public_bytes(key).decode()


def entry(key: PrivateKey, algorithm: str, **given: Any) -> dict[str, Any]:
    """The public key as an entry of a JWKS document, without the fields given as ``...``."""
    described = {**jwk.construct(pem(key), algorithm).to_dict(), **given}
    return {name: value for name, value in described.items() if value is not ...}


def token_by(key: PrivateKey, algorithm: str, *, kid: str | None = None, **given: Any) -> str:
    headers = {"kid": kid} if kid else None
    return jwt.encode(
        hostile_tokens.claims(**given), hostile_tokens.private_pem(key), algorithm, headers=headers
    )


def asymmetric(algorithm: str) -> PrivateKey:
    return hostile_tokens.rsa_key() if algorithm == "RS256" else hostile_tokens.ec_key()


BOTH_ALGORITHMS = pytest.mark.parametrize("algorithm", ["RS256", "ES256"])

# -- secrets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "short", "x" * 31, "ä" * 15])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_weak_secret_is_rejected(secret: str | None, algorithm: str):
    with pytest.raises(StartupError, match="PROGRESS_JWT_SECRET"):
        KeySet(algorithms=[algorithm], secret=secret)


@pytest.mark.parametrize("secret", ["x" * 32, "ä" * 16])
def test_secret_of_32_bytes_is_accepted(secret: str):
    assert KeySet(algorithms=["HS256"], secret=secret).find("HS256", None)


def test_public_key_is_rejected_as_a_secret():
    with pytest.raises(StartupError, match="PROGRESS_JWT_SECRET"):
        KeySet(algorithms=["HS256"], secret=pem(hostile_tokens.rsa_key()))


async def test_secret_that_is_json_is_used_verbatim():
    secret = json.dumps({"keys": [{"kty": "oct", "k": hostile_tokens.encoded(b"inner" * 10)}]})
    verifier = TokenVerifier(KeySet(algorithms=["HS256"], secret=secret))

    assert await verifier.verify(hostile_tokens.signed(hostile_tokens.claims(), secret=secret))
    with pytest.raises(Unauthenticated):
        await verifier.verify(hostile_tokens.signed(hostile_tokens.claims(), secret=b"inner" * 10))


@pytest.mark.parametrize(
    "algorithms", [[], ["none"], ["HS256", "none"], ["hs256"], ["RSA-OAEP"], ["dir"], ["EdDSA"]]
)
def test_unsupported_algorithm_is_rejected(algorithms: list[str]):
    with pytest.raises(StartupError, match="PROGRESS_JWT_ALGORITHMS"):
        KeySet(algorithms=algorithms, secret=SECRET)


def test_asymmetric_algorithm_requires_a_key():
    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        KeySet(algorithms=["RS256"], secret=SECRET)


# -- files -------------------------------------------------------------------------------------


@BOTH_ALGORITHMS
async def test_pem_file_verifies_a_token(tmp_path: Path, algorithm: str):
    key, file = asymmetric(algorithm), tmp_path / "key.pem"
    file.write_text(pem(key))
    verifier = TokenVerifier(KeySet(algorithms=[algorithm], public_key=file))

    assert (await verifier.verify(token_by(key, algorithm))).id == "ana"
    assert (await verifier.verify(token_by(key, algorithm, kid="any"))).id == "ana"


@BOTH_ALGORITHMS
async def test_jwks_file_verifies_a_token(tmp_path: Path, algorithm: str):
    key, file = asymmetric(algorithm), tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [entry(key, algorithm, kid="k-1")]}))
    verifier = TokenVerifier(KeySet(algorithms=[algorithm], public_key=file))

    assert (await verifier.verify(token_by(key, algorithm, kid="k-1"))).id == "ana"


async def test_jwks_file_may_have_keys_of_several_types(tmp_path: Path):
    file = tmp_path / "jwks.json"
    entries = [
        entry(hostile_tokens.rsa_key(), "RS256", kid="r"),
        entry(hostile_tokens.ec_key(), "ES256", kid="e"),
        {"kty": "oct", "kid": "o", "k": hostile_tokens.encoded(b"x" * 32)},
        {"kty": "OKP", "crv": "Ed25519", "kid": "d", "x": "AA"},
    ]
    file.write_text(json.dumps({"keys": entries}))
    verifier = TokenVerifier(KeySet(algorithms=["RS256", "ES256"], public_key=file))

    assert await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="r"))
    assert await verifier.verify(token_by(hostile_tokens.ec_key(), "ES256", kid="e"))


async def test_key_without_an_algorithm_verifies_those_of_its_type(tmp_path: Path):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [entry(hostile_tokens.rsa_key(), "RS256", alg=...)]}))
    verifier = TokenVerifier(KeySet(algorithms=["RS256", "ES256"], public_key=file))

    assert await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256"))


@BOTH_ALGORITHMS
async def test_token_of_another_key_is_rejected(tmp_path: Path, algorithm: str):
    file = tmp_path / "key.pem"
    file.write_text(pem(asymmetric(algorithm)))
    verifier = TokenVerifier(KeySet(algorithms=[algorithm], public_key=file))
    other = new_rsa_key() if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(Unauthenticated):
        await verifier.verify(token_by(other, algorithm))


@BOTH_ALGORITHMS
@pytest.mark.parametrize("allows_both", [False, True])
async def test_public_key_verifies_no_token_signed_with_it_as_a_secret(
    tmp_path: Path, algorithm: str, allows_both: bool
):
    key, file = asymmetric(algorithm), tmp_path / "key.pem"
    file.write_text(pem(key))
    allowed = [algorithm, "HS256"] if allows_both else [algorithm]
    verifier = TokenVerifier(KeySet(algorithms=allowed, secret=SECRET, public_key=file))
    encoding, form = serialization.Encoding, serialization.PublicFormat
    as_secrets = [
        file.read_bytes(),
        file.read_bytes().strip(),
        hostile_tokens.public_bytes(key, encoding.DER),
        hostile_tokens.public_bytes(key, encoding.OpenSSH, form.OpenSSH),
    ]

    for secret in as_secrets:
        with pytest.raises(Unauthenticated):
            await verifier.verify(hostile_tokens.signed(hostile_tokens.claims(), secret=secret))


@BOTH_ALGORITHMS
async def test_hostile_tokens_are_rejected_by_a_public_key_too(tmp_path: Path, algorithm: str):
    file = tmp_path / "key.pem"
    file.write_text(pem(new_rsa_key() if algorithm == "RS256" else hostile_tokens.ec_key()))
    verifier = TokenVerifier(KeySet(algorithms=[algorithm], public_key=file))
    valid = {"ES256 by a key of its own"} if algorithm == "ES256" else set()

    for name, token in hostile_tokens.tokens().items():
        if name not in valid:
            with pytest.raises(Unauthenticated):
                await verifier.verify(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "{}",
        '{"keys": []}',
        '{"keys": {}}',
        '{"keys": [7]}',
        '{"keys": [{"kty": "RSA"}]}',
        '{"keys": [{"kty": "oct", "k": "AAAA"}]}',
        "[" * 10_000,
        "{" + '"a":[' * 10_000,
    ],
    ids=lambda text: text[:24],
)
def test_key_file_without_a_usable_key_is_rejected(tmp_path: Path, text: str):
    file = tmp_path / "key"
    file.write_text(text)

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        KeySet(algorithms=["RS256"], public_key=file)


def test_key_file_that_is_not_text_is_rejected(tmp_path: Path):
    file = tmp_path / "key"
    file.write_bytes(bytes(range(256)))

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        KeySet(algorithms=["RS256"], public_key=file)


def test_key_file_that_is_missing_is_rejected(tmp_path: Path):
    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        KeySet(algorithms=["RS256"], public_key=tmp_path / "nothing")


@pytest.mark.parametrize(
    ("algorithms", "key"),
    [
        (["RS256"], hostile_tokens.ec_key),
        (["ES256"], hostile_tokens.rsa_key),
        (["RS256", "ES256"], hostile_tokens.rsa_key),
        (["ES384"], hostile_tokens.ec_key),
    ],
)
def test_key_of_another_family_or_curve_is_rejected(tmp_path: Path, algorithms: Any, key: Any):
    file = tmp_path / "key"
    file.write_text(pem(key()))

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        KeySet(algorithms=algorithms, public_key=file)


@pytest.mark.parametrize("address", ["nonsense", "ftp://login.example/jwks", "/etc/jwks.json"])
def test_jwks_address_that_is_invalid_is_rejected(address: str):
    with pytest.raises(StartupError, match="PROGRESS_JWT_JWKS_URL"):
        KeySet(algorithms=["RS256"], jwks_url=address)


# -- a JWKS address ----------------------------------------------------------------------------


class KeyServer:
    """Serves a JWKS document as configured, and counts the requests."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.status = 200
        self.delay_seconds = 0.0
        self.body: bytes | None = None
        self.request_count = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.request_count += 1
                time.sleep(outer.delay_seconds)
                body = outer.body or json.dumps({"keys": outer.keys}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"

    def __enter__(self) -> KeyServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    with KeyServer() as server:
        server.keys = [entry(hostile_tokens.rsa_key(), "RS256", kid="old")]
        yield server


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    clock = FakeTime()
    monkeypatch.setattr(module, "time", clock)
    return clock


def fetched_by(server: KeyServer) -> TokenVerifier:
    return TokenVerifier(KeySet(algorithms=["RS256"], jwks_url=server.url))


async def test_jwks_is_fetched_once_and_cached(key_server: KeyServer):
    verifier = fetched_by(key_server)

    for subject in ("ana", "ben", "eve"):
        assert await verifier.verify(
            token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub=subject)
        )

    assert key_server.request_count == 1


async def test_jwks_is_fetched_once_for_concurrent_first_tokens(key_server: KeyServer):
    verifier = fetched_by(key_server)
    many = [token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(10)]

    await asyncio.gather(*(verifier.verify(token) for token in many))

    assert key_server.request_count == 1


async def test_new_key_is_found_after_a_rotation(key_server: KeyServer, fake_time: FakeTime):
    verifier, new = fetched_by(key_server), new_rsa_key()
    await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))
    key_server.keys.append(entry(new, "RS256", kid="new"))
    fake_time.now += module.RETRY_SECONDS + 1

    assert await verifier.verify(token_by(new, "RS256", kid="new", sub="ben"))

    assert key_server.request_count == 2


async def test_withdrawn_key_is_rejected_after_a_refresh(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier = fetched_by(key_server)
    await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    fake_time.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub="ben"))


async def test_unknown_key_ids_do_not_fetch_the_jwks_every_time(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier = fetched_by(key_server)
    for n in range(20):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid=f"unknown-{n}"))

    assert key_server.request_count <= 2


async def test_known_keys_are_used_while_the_jwks_address_fails(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier = fetched_by(key_server)
    await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))
    key_server.status = 500
    fake_time.now += module.REFRESH_SECONDS + 1

    for subject in ("ben", "eve"):
        assert await verifier.verify(
            token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub=subject)
        )


async def test_failing_jwks_address_is_not_requested_every_time(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier = fetched_by(key_server)
    await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))
    key_server.status = 500
    fake_time.now += module.REFRESH_SECONDS + 1

    for n in range(20):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid=f"unknown-{n}"))

    assert key_server.request_count <= 3


async def test_jwks_address_that_never_responded_is_unavailable(key_server: KeyServer):
    key_server.status = 500
    verifier = fetched_by(key_server)

    with pytest.raises(Unavailable):
        await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))


async def test_recovered_jwks_address_is_used_again(key_server: KeyServer, fake_time: FakeTime):
    key_server.status = 500
    verifier = fetched_by(key_server)
    with pytest.raises(Unavailable):
        await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))
    key_server.status = 200
    fake_time.now += module.RETRY_SECONDS + 1

    assert await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))


async def test_unresponsive_jwks_address_does_not_queue_callers(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.3)
    key_server.delay_seconds = 0.6
    verifier = fetched_by(key_server)
    many = [token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(20)]

    outcomes = await asyncio.gather(
        *(verifier.verify(token) for token in many), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert key_server.request_count <= 2


@pytest.mark.parametrize(
    "body", [b"nonsense", b"[]", b"7", b'{"keys": 7}', b'{"keys": []}', b"[" * 10_000, b"\xff"]
)
async def test_invalid_jwks_response_is_unavailable(key_server: KeyServer, body: bytes):
    key_server.body = body
    verifier = fetched_by(key_server)

    with pytest.raises(Unavailable):
        await verifier.verify(token_by(hostile_tokens.rsa_key(), "RS256", kid="old"))


async def test_invalid_key_in_a_jwks_does_not_affect_the_others(key_server: KeyServer):
    key_server.keys.append({"kty": "RSA", "kid": "broken", "n": "!", "e": "!"})

    assert await fetched_by(key_server).verify(
        token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    )


async def test_token_of_a_disallowed_algorithm_fetches_no_jwks(key_server: KeyServer):
    verifier = fetched_by(key_server)

    for algorithm in ("RS512", "ES256", "HS256"):
        key = asymmetric("RS256" if algorithm.startswith("RS") else "ES256")
        token = (
            hostile_tokens.claiming()
            if algorithm == "HS256"
            else token_by(key, algorithm, kid="old")
        )
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)

    assert key_server.request_count == 0


# -- withdrawn keys and cached tokens ----------------------------------------------------------


async def test_cached_token_of_a_withdrawn_key_is_rejected(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    await verifier.verify(token)
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    fake_time.now += module.REFRESH_SECONDS + 1

    assert verifier.cached(token) is None
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_cached_token_is_rejected_when_its_key_id_gets_another_key(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    await verifier.verify(token)
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="old")]
    fake_time.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_cached_token_is_rejected_when_the_jwks_becomes_empty(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    await verifier.verify(token)
    key_server.keys = []
    fake_time.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_cached_token_stays_cached_when_a_refresh_has_its_key(
    key_server: KeyServer, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    principal = await verifier.verify(token)
    key_server.keys.append(entry(new_rsa_key(), "RS256", kid="new"))
    fake_time.now += module.REFRESH_SECONDS + 1
    monkeypatch.setattr(jwt, "decode", None)  # it is not verified again

    assert await verifier.verify(token) is principal
    assert key_server.request_count == 2


async def test_withdrawn_key_does_not_affect_tokens_of_other_keys(
    key_server: KeyServer, fake_time: FakeTime
):
    other = new_rsa_key()
    key_server.keys.append(entry(other, "RS256", kid="other"))
    verifier = fetched_by(key_server)
    withdrawn = token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    valid = token_by(other, "RS256", kid="other")
    await asyncio.gather(verifier.verify(withdrawn), verifier.verify(valid))
    key_server.keys = key_server.keys[1:]
    fake_time.now += module.REFRESH_SECONDS + 1

    await verifier.verify(valid)

    assert verifier.cached(valid) is not None
    assert verifier.cached(withdrawn) is None


async def test_cached_tokens_wait_for_one_refresh_of_a_due_jwks(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier = fetched_by(key_server)
    many = [token_by(hostile_tokens.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(20)]
    await asyncio.gather(*(verifier.verify(token) for token in many))
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    key_server.delay_seconds = 0.1
    fake_time.now += module.REFRESH_SECONDS + 1

    outcomes = await asyncio.gather(
        *(verifier.verify(token) for token in many), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {Unauthenticated}
    assert key_server.request_count == 2


async def test_cached_tokens_are_accepted_without_waiting_while_the_address_fails(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    await verifier.verify(token)
    key_server.status = 500
    fake_time.now += module.REFRESH_SECONDS + 1
    await verifier.verify(token)

    assert verifier.cached(token) is not None
    fake_time.now += module.RETRY_SECONDS + 1
    assert await verifier.verify(token)  # starts another fetch without waiting for it
    assert verifier.cached(token) is not None
    assert key_server.request_count == 2


async def test_withdrawn_key_is_noticed_when_a_failing_address_recovers(
    key_server: KeyServer, fake_time: FakeTime
):
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    await verifier.verify(token)
    key_server.status = 500
    fake_time.now += module.REFRESH_SECONDS + 1
    await verifier.verify(token)
    key_server.status, key_server.keys = 200, [entry(new_rsa_key(), "RS256", kid="new")]
    fake_time.now += module.RETRY_SECONDS + 1
    await verifier.verify(token)

    while verifier.cached(token) is not None:  # the fetch runs in the background
        await asyncio.sleep(0.01)

    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_cancelled_caller_does_not_end_the_fetch_of_others(key_server: KeyServer):
    key_server.delay_seconds = 0.2
    verifier, token = fetched_by(key_server), token_by(hostile_tokens.rsa_key(), "RS256", kid="old")
    first = asyncio.ensure_future(verifier.verify(token))
    second = asyncio.ensure_future(verifier.verify(token))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).id == "ana"
    assert key_server.request_count == 1


async def test_secret_reads_no_clock(monkeypatch: pytest.MonkeyPatch):
    verifier = TokenVerifier(KeySet(algorithms=["HS256"], secret=SECRET))
    token = hostile_tokens.claiming()
    await verifier.verify(token)
    monkeypatch.setattr(module, "time", None)

    assert verifier.cached(token) is not None
