"""Secrets: their form, their signatures, and their encryption."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from progress_service.webhooks.secrets import SecretBox, new_secret, signatures, valid_secret

KEY, OTHER_KEY = "k" * 32, "o" * 32


def of_bytes(count: int) -> str:
    return "whsec_" + base64.b64encode(b"\x01" * count).decode()


def test_new_secrets_are_valid_and_differ():
    made = {valid_secret(new_secret()) for _ in range(100)}

    assert len(made) == 100


@pytest.mark.parametrize("count", [24, 32, 64])
def test_secret_of_a_permitted_length_is_valid(count: int):
    assert valid_secret(of_bytes(count)) == of_bytes(count)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        of_bytes(23),
        of_bytes(65),
        of_bytes(32).removeprefix("whsec_"),
        "WHSEC_" + of_bytes(32).removeprefix("whsec_"),
        of_bytes(32) + "!",
        of_bytes(32)[:10] + " " + of_bytes(32)[10:],
        of_bytes(32) + "\n",
        "whsec_" + "ä" * 40,
        "whsec_" + "-_" * 20,
    ],
)
def test_other_texts_are_no_secrets(text: str):
    with pytest.raises(ValueError, match="24 to 64 random bytes"):
        valid_secret(text)


@given(text=st.text())
def test_any_text_is_a_secret_or_rejected(text: str):
    with pytest.raises(ValueError, match="must be whsec_"):
        valid_secret(text)


@given(body=st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_library_verifies_each_signature(body: dict[str, object]):
    secrets, text = [new_secret(), new_secret()], json.dumps(body)

    headers = signatures(text, event_id="e1", secrets_in_use=secrets, now=datetime.now(UTC))

    assert [Verifier(secret).verify(text, headers) for secret in secrets] == [body, body]
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(text, headers)


def test_headers_are_those_of_standard_webhooks():
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    headers = signatures("{}", event_id="e1", secrets_in_use=[new_secret(), new_secret()], now=now)

    assert headers["webhook-id"] == "e1"
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert [one[:3] for one in headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]


# -- encryption --------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [(), (KEY,), (KEY, OTHER_KEY)])
def test_box_opens_what_it_has_sealed(keys: tuple[str, ...]):
    box, secret = SecretBox(keys), new_secret()

    assert box.open(box.seal(secret)) == secret


def test_sealed_secret_does_not_contain_the_secret():
    secret = new_secret()

    sealed = SecretBox([KEY]).seal(secret)

    assert secret not in sealed
    assert secret.removeprefix("whsec_") not in sealed


def test_earlier_keys_and_secrets_without_a_key_are_opened_after_a_change():
    secret = new_secret()
    before = [SecretBox().seal(secret), SecretBox([OTHER_KEY]).seal(secret)]

    now = SecretBox([KEY, OTHER_KEY])

    assert [now.open(sealed) for sealed in before] == [secret, secret]


@pytest.mark.parametrize("keys", [(), (OTHER_KEY,)])
def test_box_without_the_key_opens_nothing(keys: tuple[str, ...]):
    sealed = SecretBox([KEY]).seal(new_secret())

    assert SecretBox(keys).open(sealed) is None


@given(text=st.text() | st.text().map(lambda text: f"fernet:{text}"))
def test_box_opens_no_foreign_text(text: str):
    assert SecretBox([KEY]).open(text) is None
