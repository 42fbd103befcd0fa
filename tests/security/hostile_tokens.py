"""Tokens that must be rejected. They are built by hand, because no library produces them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwe, jwt

from tests.builders import SECRET

HEADER = {"alg": "HS256", "typ": "JWT"}
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encoded(value: bytes | str | object) -> str:
    """base64url without padding; objects as JSON."""
    if not isinstance(value, bytes | str):
        value = json.dumps(value)
    raw = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims(**given: Any) -> dict[str, Any]:
    """Valid claims; a claim given as ``...`` is omitted."""
    now = int(time.time())
    usual = {"sub": "ana", "role": "student", "iat": now, "exp": now + 3600}
    return {name: value for name, value in {**usual, **given}.items() if value is not ...}


def signed(
    payload: object, header: object = HEADER, *, secret: str | bytes = SECRET, digest: str = "HS256"
) -> str:
    """A token with a valid signature for *secret*, whatever its content."""
    content = f"{encoded(header)}.{encoded(payload)}"
    key = secret.encode() if isinstance(secret, str) else secret
    return f"{content}.{encoded(hmac.new(key, content.encode(), HASHES[digest]).digest())}"


def claiming(**given: Any) -> str:
    """A validly signed token with these claims."""
    return signed(claims(**given))


def headed(**given: Any) -> str:
    """A validly signed token with these header fields."""
    return signed(claims(), {**HEADER, **given})


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_bytes(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encoding: serialization.Encoding = serialization.Encoding.PEM,
    form: serialization.PublicFormat = serialization.PublicFormat.SubjectPublicKeyInfo,
) -> bytes:
    return key.public_key().public_bytes(encoding, form)


def nested(depth: int, inside: str = "1") -> str:
    """JSON lists, nested *depth* deep."""
    return "[" * depth + inside + "]" * depth


def _unsigned() -> dict[str, str]:
    body = encoded(claims())
    names: list[Any] = ["none", "None", "NONE", "nOnE", "", None, 0, ["HS256"], {"a": 1}, True]
    tokens = {f"alg {name!r}": f"{encoded({'alg': name, 'typ': 'JWT'})}.{body}." for name in names}
    tokens |= {
        f"alg {name!r} with a signature": signed(claims(), {"alg": name, "typ": "JWT"})
        for name in names
    }
    return {
        **tokens,
        "no alg": signed(claims(), {"typ": "JWT"}),
        "no signature": claiming().rpartition(".")[0] + ".",
        "no signature and no dot": claiming().rpartition(".")[0],
    }


def _forged() -> dict[str, str]:
    valid = claiming()
    head, body, signature = valid.split(".")
    as_teacher = encoded(claims(role="teacher"))
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    pkcs1, ssh = serialization.PublicFormat.PKCS1, serialization.PublicFormat.OpenSSH
    open_ssh = serialization.Encoding.OpenSSH
    return {
        "another secret": signed(
            claims(), secret="another-secret-of-48-bytes-which-is-not-the-one"
        ),
        "an empty secret": signed(claims(), secret=b""),
        "the secret in base64": signed(claims(), secret=base64.b64encode(SECRET.encode())),
        "claims of another": f"{head}.{as_teacher}.{signature}",
        "header of another": f"{encoded({'typ': 'JWT', 'alg': 'HS256'})}.{body}.{signature}",
        "truncated signature": valid[:-4],
        "signature of zeros": f"{head}.{body}.{encoded(bytes(32))}",
        "HS384 declared, HS256 used": signed(claims(), {**HEADER, "alg": "HS384"}),
        "HS384 with a valid signature": signed(
            claims(), {**HEADER, "alg": "HS384"}, digest="HS384"
        ),
        "HS512 with a valid signature": signed(
            claims(), {**HEADER, "alg": "HS512"}, digest="HS512"
        ),
        "alg in lower case": signed(claims(), {**HEADER, "alg": "hs256"}),
        "alg with a space": signed(claims(), {**HEADER, "alg": "HS256 "}),
        "alg with a null": signed(claims(), {**HEADER, "alg": "HS256\0"}),
        "RS256 by a key of its own": jwt.encode(claims(), private_pem(rsa_key()), "RS256"),
        "ES256 by a key of its own": jwt.encode(claims(), private_pem(ec_key()), "ES256"),
        "PEM as secret": signed(claims(), secret=public_bytes(rsa_key())),
        "DER as secret": signed(claims(), secret=public_bytes(rsa_key(), der)),
        "PKCS1 as secret": signed(claims(), secret=public_bytes(rsa_key(), pem, pkcs1)),
        "SSH key as secret": signed(claims(), secret=public_bytes(rsa_key(), open_ssh, ssh)),
        "its own key in the header": signed(
            claims(),
            {**HEADER, "jwk": {"kty": "oct", "k": encoded(b"mine" * 12)}},
            secret=b"mine" * 12,
        ),
        "an address of keys in the header": signed(
            claims(), {**HEADER, "jku": "http://127.0.0.1:9/keys"}, secret=b"mine" * 12
        ),
        "encrypted": jwe.encrypt(
            json.dumps(claims()), b"k" * 32, algorithm="dir", encryption="A256GCM"
        ).decode(),
    }


def _misshapen() -> dict[str, str]:
    valid = claiming()
    head, body, signature = valid.split(".")
    deep = '{"alg":"HS256","x":' + nested(1_400) + "}"
    infinite = '{"alg":"HS256","x":1e999}'
    return {
        "one part": "a",
        "dots": "..",
        "many dots": "." * 300,
        "four parts": f"{valid}.{signature}",
        "a leading dot": f".{valid}",
        "padding at the end": f"{valid}=",
        "padding twice at the end": f"{valid}==",
        "exclamation marks at the end": f"{valid}!!",
        "a quote at the end": f'{valid}"',
        "a second token": f"{valid},{valid}",
        "a second token after a space": f"{valid} {valid}",
        "a tab inside": f"{head}.{body}\t.{signature}",
        "plain base64": f"{head}.{body}.+/{signature[2:]}",
        "percent-encoded": valid.replace(".", "%2E"),
        "quoted": f'"{valid}"',
        "not ASCII": f"{head}.{body}.{signature}é",
        "huge": f"{head}.{encoded(b'x' * 40_000)}.{signature}",
        "huge with a valid signature": claiming(filler="x" * 5_000),
        "a megabyte of dots and letters": "a." * 30_000,
        "header is no JSON": f"{encoded('nonsense')}.{body}.{signature}",
        "header is not UTF-8": f"{encoded(bytes([255, 254, 253]))}.{body}.{signature}",
        "header is a list": signed(claims(), ["HS256"]),
        "header is text": signed(claims(), "HS256"),
        "header is null": signed(claims(), None),
        "header is a number": signed(claims(), 1),
        "header is empty": signed(claims(), {}),
        "header nested 1,500 deep": f"{encoded(nested(1_500))}.{body}.{signature}",
        "header with a value nested 1,400 deep": f"{encoded(deep)}.{body}.{signature}",
        "header with an infinite number": f"{encoded(infinite)}.{body}.{signature}",
        "claims are no JSON": signed("nonsense"),
        "claims are not UTF-8": signed(bytes([255, 254, 253])),
        "claims are a list": signed(["sub", "ana"]),
        "claims are text": signed('"ana"'),
        "claims are null": signed("null"),
        "claims nested 1,400 deep": signed(nested(1_400)),
        "claims with a value nested 1,300 deep": signed(
            json.dumps(claims())[:-1] + ',"x":' + nested(1_300) + "}"
        ),
        "claims of one base64 letter": f"{head}.a.{signature}",
    }


def _headed() -> dict[str, str]:
    return {
        "crit": headed(crit=["exp"]),
        "crit unknown": headed(crit=["urn:example"], **{"urn:example": 1}),
        "crit empty": headed(crit=[]),
        "crit null": headed(crit=None),
        "b64 false": headed(b64=False, crit=["b64"]),
        "b64 false, not critical": headed(b64=False),
        "b64 true": headed(b64=True),
        "zip": headed(zip="DEF"),
        "typ of another kind": headed(typ="secevent+jwt"),
        "typ JWE": headed(typ="JWE"),
        "typ a list": headed(typ=["JWT"]),
        "typ a number": headed(typ=1),
        "kid a list": headed(kid=["a"]),
        "kid a number": headed(kid=7),
        "kid an object": headed(kid={"a": 1}),
    }


def _claiming() -> dict[str, str]:
    now = int(time.time())
    raw = json.dumps(claims(exp=...))[:-1]
    times: dict[str, Any] = {
        "null": None,
        "true": True,
        "a numeric string": str(now + 3600),
        "a word": "tomorrow",
        "a list": [now + 3600],
        "an object": {"at": now + 3600},
        "NaN": float("nan"),
        "Infinity": float("inf"),
        "minus Infinity": float("-inf"),
    }
    return {
        "no exp": claiming(exp=...),
        **{f"exp {name}": claiming(exp=value) for name, value in times.items()},
        "exp 1e999": signed(raw + ',"exp":1e999}'),
        "exp of 400 digits": signed(raw + ',"exp":' + "9" * 400 + "}"),
        "exp of 2,000 digits": signed(raw + ',"exp":' + "9" * 2_000 + "}"),
        "expired": claiming(exp=now - 1),
        "expired this second": claiming(exp=now),
        "expired long ago": claiming(iat=1, exp=2),
        "exp zero": claiming(exp=0),
        "exp negative": claiming(exp=-1),
        **{f"iat {name}": claiming(iat=value) for name, value in times.items() if name != "null"},
        "iat null": claiming(iat=None),
        "iat of 400 digits": claiming(iat=10**400),
        **{f"nbf {name}": claiming(nbf=value) for name, value in times.items()},
        "nbf in the future": claiming(nbf=now + 86_400),  # however long the tests take
        "nbf of 400 digits": claiming(nbf=10**400),
        "no sub": claiming(sub=...),
        "sub null": claiming(sub=None),
        "sub empty": claiming(sub=""),
        "sub a number": claiming(sub=7),
        "sub a list": claiming(sub=["ana"]),
        "sub an object": claiming(sub={"$ne": ""}),
        "sub with a slash": claiming(sub="ana/react"),
        "sub with a space": claiming(sub="ana b"),
        "sub with a newline at the end": claiming(sub="ana\n"),
        "sub with a null": claiming(sub="ana\0"),
        "sub with a backslash": claiming(sub="LMS\\ana"),
        "sub with a tab": claiming(sub="ana\tb"),
        "sub with a wide space": claiming(sub="ana\u3000b"),
        "sub with a zero-width space": claiming(sub="ana\u200b"),
        "sub with a right-to-left override": claiming(sub="\u202eana"),
        "sub with a control character": claiming(sub="ana\x9f"),
        "sub of 256 letters": claiming(sub="a" * 256),
        "sub a lone surrogate": signed(json.dumps(claims()).replace("ana", "\\ud800")),
        "no role": claiming(role=...),
        "role null": claiming(role=None),
        "role empty": claiming(role=""),
        "role unknown": claiming(role="admin"),
        "role in upper case": claiming(role="STUDENT"),
        "role with a space": claiming(role="student "),
        "role a list of others": claiming(role=["admin", "Student", None, 1, ["student"]]),
        "role an empty list": claiming(role=[]),
        "role an object": claiming(role={"student": True}),
        "role true": claiming(role=True),
        "roles empty": claiming(role=..., roles=[]),
        "roles a word": claiming(role=..., roles="student"),
        "roles an object": claiming(role=..., roles={"student": 1}),
        "roles within roles": claiming(role=..., roles=[["student"]]),
        "roles unknown": claiming(role=..., roles=["root", None, 1]),
    }


def tokens() -> dict[str, str]:
    """Every hostile token, by what is invalid about it."""
    return {**_unsigned(), **_forged(), **_misshapen(), **_headed(), **_claiming()}
