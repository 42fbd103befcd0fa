"""The keys that tokens are checked with: secrets, files, and an address that changes them."""

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

from progress_service.edge import keys as module
from progress_service.edge.keys import Keys
from progress_service.edge.tokens import Tokens
from progress_service.errors import StartupError, Unauthenticated, Unavailable
from tests.builders import SECRET, Ticking
from tests.security import hostile_tokens as hostile

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def pem(key: PrivateKey) -> str:
    return hostile.public_bytes(key).decode()


def entry(key: PrivateKey, algorithm: str, **given: Any) -> dict[str, Any]:
    """The public key as one of a JWKS document; what is ``...`` is left out."""
    described = {**jwk.construct(pem(key), algorithm).to_dict(), **given}
    return {name: value for name, value in described.items() if value is not ...}


def token_by(key: PrivateKey, algorithm: str, *, kid: str | None = None, **given: Any) -> str:
    headers = {"kid": kid} if kid else None
    return jwt.encode(hostile.claims(**given), hostile.private_pem(key), algorithm, headers=headers)


def asymmetric(algorithm: str) -> PrivateKey:
    return hostile.rsa_key() if algorithm == "RS256" else hostile.ec_key()


BOTH = pytest.mark.parametrize("algorithm", ["RS256", "ES256"])

# -- secrets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "short", "x" * 31, "ä" * 15])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_weak_secret_is_refused(secret: str | None, algorithm: str):
    with pytest.raises(StartupError, match="PROGRESS_JWT_SECRET"):
        Keys(algorithms=[algorithm], secret=secret)


@pytest.mark.parametrize("secret", ["x" * 32, "ä" * 16])
def test_thirty_two_bytes_are_enough(secret: str):
    assert Keys(algorithms=["HS256"], secret=secret).find("HS256", None)


def test_a_public_key_is_no_secret():
    with pytest.raises(StartupError, match="PROGRESS_JWT_SECRET"):
        Keys(algorithms=["HS256"], secret=pem(hostile.rsa_key()))


async def test_a_secret_that_is_json_is_taken_as_it_stands():
    secret = json.dumps({"keys": [{"kty": "oct", "k": hostile.encoded(b"inner" * 10)}]})
    tokens = Tokens(Keys(algorithms=["HS256"], secret=secret))

    assert await tokens.check(hostile.signed(hostile.claims(), secret=secret))
    with pytest.raises(Unauthenticated):
        await tokens.check(hostile.signed(hostile.claims(), secret=b"inner" * 10))


@pytest.mark.parametrize(
    "algorithms", [[], ["none"], ["HS256", "none"], ["hs256"], ["RSA-OAEP"], ["dir"], ["EdDSA"]]
)
def test_only_algorithms_of_the_list_can_be_allowed(algorithms: list[str]):
    with pytest.raises(StartupError, match="PROGRESS_JWT_ALGORITHMS"):
        Keys(algorithms=algorithms, secret=SECRET)


def test_an_asymmetric_algorithm_wants_a_key():
    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        Keys(algorithms=["RS256"], secret=SECRET)


# -- files -------------------------------------------------------------------------------------


@BOTH
async def test_a_token_is_checked_by_a_pem_file(tmp_path: Path, algorithm: str):
    key, file = asymmetric(algorithm), tmp_path / "key.pem"
    file.write_text(pem(key))
    tokens = Tokens(Keys(algorithms=[algorithm], public_key=file))

    assert (await tokens.check(token_by(key, algorithm))).id == "ana"
    assert (await tokens.check(token_by(key, algorithm, kid="any"))).id == "ana"


@BOTH
async def test_a_token_is_checked_by_a_jwks_file(tmp_path: Path, algorithm: str):
    key, file = asymmetric(algorithm), tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [entry(key, algorithm, kid="k-1")]}))
    tokens = Tokens(Keys(algorithms=[algorithm], public_key=file))

    assert (await tokens.check(token_by(key, algorithm, kid="k-1"))).id == "ana"


async def test_a_jwks_file_may_hold_keys_of_several_kinds(tmp_path: Path):
    file = tmp_path / "jwks.json"
    entries = [
        entry(hostile.rsa_key(), "RS256", kid="r"),
        entry(hostile.ec_key(), "ES256", kid="e"),
        {"kty": "oct", "kid": "o", "k": hostile.encoded(b"x" * 32)},
        {"kty": "OKP", "crv": "Ed25519", "kid": "d", "x": "AA"},
    ]
    file.write_text(json.dumps({"keys": entries}))
    tokens = Tokens(Keys(algorithms=["RS256", "ES256"], public_key=file))

    assert await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="r"))
    assert await tokens.check(token_by(hostile.ec_key(), "ES256", kid="e"))


async def test_a_key_without_an_algorithm_serves_those_of_its_kind(tmp_path: Path):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [entry(hostile.rsa_key(), "RS256", alg=...)]}))
    tokens = Tokens(Keys(algorithms=["RS256", "ES256"], public_key=file))

    assert await tokens.check(token_by(hostile.rsa_key(), "RS256"))


@BOTH
async def test_a_token_by_another_key_is_refused(tmp_path: Path, algorithm: str):
    file = tmp_path / "key.pem"
    file.write_text(pem(asymmetric(algorithm)))
    tokens = Tokens(Keys(algorithms=[algorithm], public_key=file))
    other = new_rsa_key() if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(Unauthenticated):
        await tokens.check(token_by(other, algorithm))


@BOTH
@pytest.mark.parametrize("allows_both", [False, True])
async def test_a_public_key_does_not_pass_as_a_secret(
    tmp_path: Path, algorithm: str, allows_both: bool
):
    key, file = asymmetric(algorithm), tmp_path / "key.pem"
    file.write_text(pem(key))
    allowed = [algorithm, "HS256"] if allows_both else [algorithm]
    tokens = Tokens(Keys(algorithms=allowed, secret=SECRET, public_key=file))
    encoding, form = serialization.Encoding, serialization.PublicFormat
    as_secrets = [
        file.read_bytes(),
        file.read_bytes().strip(),
        hostile.public_bytes(key, encoding.DER),
        hostile.public_bytes(key, encoding.OpenSSH, form.OpenSSH),
    ]

    for secret in as_secrets:
        with pytest.raises(Unauthenticated):
            await tokens.check(hostile.signed(hostile.claims(), secret=secret))


@BOTH
async def test_every_hostile_token_is_refused_by_a_public_key_too(tmp_path: Path, algorithm: str):
    file = tmp_path / "key.pem"
    file.write_text(pem(new_rsa_key() if algorithm == "RS256" else hostile.ec_key()))
    tokens = Tokens(Keys(algorithms=[algorithm], public_key=file))
    by_us = {"ES256 by a key of its own"} if algorithm == "ES256" else set()

    for name, token in hostile.tokens().items():
        if name not in by_us:
            with pytest.raises(Unauthenticated):
                await tokens.check(token)


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
def test_a_file_without_a_usable_key_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "key"
    file.write_text(text)

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        Keys(algorithms=["RS256"], public_key=file)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    file = tmp_path / "key"
    file.write_bytes(bytes(range(256)))

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        Keys(algorithms=["RS256"], public_key=file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        Keys(algorithms=["RS256"], public_key=tmp_path / "nothing")


@pytest.mark.parametrize(
    ("algorithms", "key"),
    [
        (["RS256"], hostile.ec_key),
        (["ES256"], hostile.rsa_key),
        (["RS256", "ES256"], hostile.rsa_key),
        (["ES384"], hostile.ec_key),
    ],
)
def test_a_key_of_another_family_or_curve_is_refused(tmp_path: Path, algorithms: Any, key: Any):
    file = tmp_path / "key"
    file.write_text(pem(key()))

    with pytest.raises(StartupError, match="PROGRESS_JWT_PUBLIC_KEY"):
        Keys(algorithms=algorithms, public_key=file)


@pytest.mark.parametrize("address", ["nonsense", "ftp://login.example/jwks", "/etc/jwks.json"])
def test_an_address_that_is_none_is_refused(address: str):
    with pytest.raises(StartupError, match="PROGRESS_JWT_JWKS_URL"):
        Keys(algorithms=["RS256"], jwks_url=address)


# -- an address --------------------------------------------------------------------------------


class KeyServer:
    """Answers with a JWKS document, as told; counts how often it was asked."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.status = 200
        self.delay_seconds = 0.0
        self.body: bytes | None = None
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
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
        server.keys = [entry(hostile.rsa_key(), "RS256", kid="old")]
        yield server


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    clock = Ticking()
    monkeypatch.setattr(module, "time", clock)
    return clock


def fetched_by(server: KeyServer) -> Tokens:
    return Tokens(Keys(algorithms=["RS256"], jwks_url=server.url))


OLD = {"kid": "old"}


async def test_keys_are_fetched_from_their_address_and_kept(key_server: KeyServer):
    tokens = fetched_by(key_server)

    for subject in ("ana", "ben", "eve"):
        assert await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old", sub=subject))

    assert key_server.asked == 1


async def test_first_tokens_at_once_fetch_the_keys_once(key_server: KeyServer):
    tokens = fetched_by(key_server)
    many = [token_by(hostile.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(10)]

    await asyncio.gather(*(tokens.check(token) for token in many))

    assert key_server.asked == 1


async def test_a_new_key_is_found_after_a_rotation(key_server: KeyServer, ticking: Ticking):
    tokens, new = fetched_by(key_server), new_rsa_key()
    await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))
    key_server.keys.append(entry(new, "RS256", kid="new"))
    ticking.now += module.RETRY_SECONDS + 1

    assert await tokens.check(token_by(new, "RS256", kid="new", sub="ben"))

    assert key_server.asked == 2


async def test_a_key_that_was_taken_away_counts_no_more(key_server: KeyServer, ticking: Ticking):
    tokens = fetched_by(key_server)
    await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    ticking.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old", sub="ben"))


async def test_unknown_key_ids_do_not_make_us_ask_all_the_time(
    key_server: KeyServer, ticking: Ticking
):
    tokens = fetched_by(key_server)
    for n in range(20):
        with pytest.raises(Unauthenticated):
            await tokens.check(token_by(hostile.rsa_key(), "RS256", kid=f"unknown-{n}"))

    assert key_server.asked <= 2


async def test_old_keys_serve_on_while_the_address_fails(key_server: KeyServer, ticking: Ticking):
    tokens = fetched_by(key_server)
    await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))
    key_server.status = 500
    ticking.now += module.REFRESH_SECONDS + 1

    for subject in ("ben", "eve"):
        assert await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old", sub=subject))


async def test_while_the_address_fails_it_is_not_asked_all_the_time(
    key_server: KeyServer, ticking: Ticking
):
    tokens = fetched_by(key_server)
    await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))
    key_server.status = 500
    ticking.now += module.REFRESH_SECONDS + 1

    for n in range(20):
        with pytest.raises(Unauthenticated):
            await tokens.check(token_by(hostile.rsa_key(), "RS256", kid=f"unknown-{n}"))

    assert key_server.asked <= 3


async def test_an_address_that_never_answered_makes_us_unavailable(key_server: KeyServer):
    key_server.status = 500
    tokens = fetched_by(key_server)

    with pytest.raises(Unavailable):
        await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))


async def test_an_address_that_comes_back_is_believed(key_server: KeyServer, ticking: Ticking):
    key_server.status = 500
    tokens = fetched_by(key_server)
    with pytest.raises(Unavailable):
        await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))
    key_server.status = 200
    ticking.now += module.RETRY_SECONDS + 1

    assert await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))


async def test_many_callers_do_not_queue_for_an_address_that_hangs(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.3)
    key_server.delay_seconds = 0.6
    tokens = fetched_by(key_server)
    many = [token_by(hostile.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(20)]
    started = time.monotonic()

    outcomes = await asyncio.gather(
        *(tokens.check(token) for token in many), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert time.monotonic() - started < 2
    assert key_server.asked <= 2


@pytest.mark.parametrize(
    "body", [b"nonsense", b"[]", b"7", b'{"keys": 7}', b'{"keys": []}', b"[" * 10_000, b"\xff"]
)
async def test_an_answer_that_makes_no_sense_makes_us_unavailable(
    key_server: KeyServer, body: bytes
):
    key_server.body = body
    tokens = fetched_by(key_server)

    with pytest.raises(Unavailable):
        await tokens.check(token_by(hostile.rsa_key(), "RS256", kid="old"))


async def test_one_key_of_nonsense_does_not_spoil_the_others(key_server: KeyServer):
    key_server.keys.append({"kty": "RSA", "kid": "broken", "n": "!", "e": "!"})

    assert await fetched_by(key_server).check(token_by(hostile.rsa_key(), "RS256", kid="old"))


async def test_a_token_of_an_algorithm_not_allowed_asks_nobody(key_server: KeyServer):
    tokens = fetched_by(key_server)

    for algorithm in ("RS512", "ES256", "HS256"):
        key = asymmetric("RS256" if algorithm.startswith("RS") else "ES256")
        token = hostile.claiming() if algorithm == "HS256" else token_by(key, algorithm, kid="old")
        with pytest.raises(Unauthenticated):
            await tokens.check(token)

    assert key_server.asked == 0


# -- withdrawn keys and remembered tokens ------------------------------------------------------


async def test_cached_token_of_a_withdrawn_key_is_refused(key_server: KeyServer, ticking: Ticking):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    await tokens.check(token)
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    ticking.now += module.REFRESH_SECONDS + 1

    assert tokens.remembered(token) is None
    with pytest.raises(Unauthenticated):
        await tokens.check(token)


async def test_cached_token_is_refused_when_its_key_id_gets_another_key(
    key_server: KeyServer, ticking: Ticking
):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    await tokens.check(token)
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="old")]
    ticking.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await tokens.check(token)


async def test_cached_token_is_refused_when_the_set_becomes_empty(
    key_server: KeyServer, ticking: Ticking
):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    await tokens.check(token)
    key_server.keys = []
    ticking.now += module.REFRESH_SECONDS + 1

    with pytest.raises(Unauthenticated):
        await tokens.check(token)


async def test_cached_token_survives_a_refresh_that_keeps_its_key(
    key_server: KeyServer, ticking: Ticking, monkeypatch: pytest.MonkeyPatch
):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    principal = await tokens.check(token)
    key_server.keys.append(entry(new_rsa_key(), "RS256", kid="new"))
    ticking.now += module.REFRESH_SECONDS + 1
    monkeypatch.setattr(jwt, "decode", None)  # it is not verified again

    assert await tokens.check(token) is principal
    assert key_server.asked == 2


async def test_withdrawn_key_spares_the_tokens_of_other_keys(
    key_server: KeyServer, ticking: Ticking
):
    other = new_rsa_key()
    key_server.keys.append(entry(other, "RS256", kid="other"))
    tokens = fetched_by(key_server)
    withdrawn = token_by(hostile.rsa_key(), "RS256", kid="old")
    kept = token_by(other, "RS256", kid="other")
    await asyncio.gather(tokens.check(withdrawn), tokens.check(kept))
    key_server.keys = key_server.keys[1:]
    ticking.now += module.REFRESH_SECONDS + 1

    await tokens.check(kept)

    assert tokens.remembered(kept) is not None
    assert tokens.remembered(withdrawn) is None


async def test_many_cached_tokens_refresh_a_due_set_once_and_wait_for_it(
    key_server: KeyServer, ticking: Ticking
):
    tokens = fetched_by(key_server)
    many = [token_by(hostile.rsa_key(), "RS256", kid="old", sub=f"s{n}") for n in range(20)]
    await asyncio.gather(*(tokens.check(token) for token in many))
    key_server.keys = [entry(new_rsa_key(), "RS256", kid="new")]
    key_server.delay_seconds = 0.1
    ticking.now += module.REFRESH_SECONDS + 1

    outcomes = await asyncio.gather(
        *(tokens.check(token) for token in many), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {Unauthenticated}
    assert key_server.asked == 2


async def test_cached_tokens_serve_on_without_waiting_while_the_address_fails(
    key_server: KeyServer, ticking: Ticking
):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    await tokens.check(token)
    key_server.status = 500
    ticking.now += module.REFRESH_SECONDS + 1
    await tokens.check(token)

    assert tokens.remembered(token) is not None
    ticking.now += module.RETRY_SECONDS + 1
    assert await tokens.check(token)  # starts another fetch, for which nobody waits
    assert tokens.remembered(token) is not None
    assert key_server.asked == 2


async def test_withdrawal_is_noticed_once_a_failing_address_answers_again(
    key_server: KeyServer, ticking: Ticking
):
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    await tokens.check(token)
    key_server.status = 500
    ticking.now += module.REFRESH_SECONDS + 1
    await tokens.check(token)
    key_server.status, key_server.keys = 200, [entry(new_rsa_key(), "RS256", kid="new")]
    ticking.now += module.RETRY_SECONDS + 1
    await tokens.check(token)

    while tokens.remembered(token) is not None:  # the fetch runs beside us
        await asyncio.sleep(0.01)

    with pytest.raises(Unauthenticated):
        await tokens.check(token)


async def test_caller_that_hangs_up_does_not_end_the_fetch_of_others(key_server: KeyServer):
    key_server.delay_seconds = 0.2
    tokens, token = fetched_by(key_server), token_by(hostile.rsa_key(), "RS256", kid="old")
    first = asyncio.ensure_future(tokens.check(token))
    second = asyncio.ensure_future(tokens.check(token))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).id == "ana"
    assert key_server.asked == 1


async def test_secret_needs_no_clock_for_its_keys(monkeypatch: pytest.MonkeyPatch):
    tokens = Tokens(Keys(algorithms=["HS256"], secret=SECRET))
    token = hostile.claiming()
    await tokens.check(token)
    monkeypatch.setattr(module, "time", None)

    assert tokens.remembered(token) is not None
