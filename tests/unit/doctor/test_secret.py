"""Which secrets count as guessable."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.doctor.secret import judge
from tests.builders import SECRET

seeds = st.integers(0, 2**32).map(random.Random)


def status_of(secret: str) -> str:
    return judge("PROGRESS_JWT_SECRET", secret, remedy="make one.").status


@given(seeds, st.sampled_from([32, 48, 64]))
def test_random_secrets_are_ok(source: random.Random, size: int):
    random_bytes = source.randbytes(size)

    assert status_of(base64.b64encode(random_bytes).decode()) == "ok"
    assert status_of(base64.urlsafe_b64encode(random_bytes).decode()) == "ok"
    assert status_of(base64.b32encode(random_bytes).decode().lower()) == "ok"
    assert status_of(random_bytes.hex()) == "ok"


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "short",
        "q7Zt0-Xw9Kd_3mVb5RyHnE8uLcJ2sFa",
        "x" * 40,
        "ab" * 20,
        "0123456789abcdef" * 3,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "secret" * 8,
        "changeme-changeme-changeme-changeme",
        "please-change-this-secret-before-production",
        "your-256-bit-secret-your-256-bit-secret",
        "super-secret-jwt-signing-key-for-development",
        "…at least 32 bytes, the same that signs the tokens…",
        "PasswordPasswordPassword1234567890",
        "ProgressServiceSecretKey2024ProgressService",
        "my-secret-passphrase-for-mongodb-school",
    ],
)
def test_weak_secret_is_an_error_that_does_not_print_it(secret: str):
    finding = judge("PROGRESS_JWT_SECRET", secret, remedy="make one.")

    assert finding.status == "error"
    assert not secret or secret not in str(finding)


@pytest.mark.parametrize(
    "secret",
    [
        SECRET,
        "correct horse battery staple and several more words",
        "correcthorsebatterystapleandsomewordsmore",
        "SunnyBeachHolidayHouseNearTheWildOcean",
    ],
)
def test_sentence_is_a_warning(secret: str):
    assert status_of(secret) == "warning"


@given(st.text(max_size=200))
def test_any_text_has_a_finding(secret: str):
    assert status_of(secret) in ("ok", "warning", "error")


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=12), st.integers(3, 20))
def test_repeated_text_is_never_ok(part: str, times: int):
    assert status_of(part * times) == "error"
