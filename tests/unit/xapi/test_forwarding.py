"""The record store of the settings."""

from __future__ import annotations

from base64 import b64encode

import pytest

from progress_service.errors import StartupError
from progress_service.xapi.forwarding import record_store_for
from tests.builders import a_settings
from tests.record_store import scripted_record_store

ENDPOINT = "https://lrs.example/xAPI"


def test_without_an_endpoint_there_is_no_store():
    assert record_store_for(a_settings()) is None


@pytest.mark.parametrize(
    "given", [{}, {"xapi_key": "progress", "xapi_secret": "secret"}], ids=["open", "with a key"]
)
def test_endpoint_may_require_credentials(given: dict[str, str]):
    assert record_store_for(a_settings(xapi_endpoint=ENDPOINT, **given)) is not None


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"xapi_key": "progress", "xapi_secret": "a:b"}, "progress:a:b"),
        ({"xapi_key": "progress:a:b"}, "progress:a:b"),
        ({"xapi_key": "progress"}, "progress:"),
    ],
)
async def test_credentials_are_sent_by_http_basic(given: dict[str, str], sent: str):
    async with scripted_record_store() as received:
        store = record_store_for(a_settings(xapi_endpoint=received.endpoint, **given))
        assert store is not None
        async with store:
            await store.post([])

    [head] = received.heads
    assert f"Basic {b64encode(sent.encode()).decode()}\r\n" in head


def test_secret_without_a_key_is_an_error():
    with pytest.raises(StartupError, match="PROGRESS_XAPI_KEY"):
        record_store_for(a_settings(xapi_endpoint=ENDPOINT, xapi_secret="secret"))


def test_secrets_are_not_shown():
    settings = a_settings(xapi_endpoint=ENDPOINT, xapi_key="the-key", xapi_secret="the-secret")

    assert "the-key" not in repr(settings)
    assert "the-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "warnings"), [({}, 1), ({"xapi_activity_base": "https://learn.example"}, 0)]
)
def test_default_activity_base_is_logged(
    capfd: pytest.CaptureFixture[str], given: dict[str, str], warnings: int
):
    record_store_for(a_settings(xapi_endpoint=ENDPOINT, **given))

    assert capfd.readouterr().err.count("xapi_activity_base_not_set") == warnings
