"""Which pages may open a socket, also behind proxies that rewrite `Host`."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from progress_service.edge.origins import may_connect

ALLOWED = frozenset({"https://learn.example", "capacitor://localhost"})


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://service.example", "service.example"),
        ("https://service.example", "service.example:443"),
        ("https://service.example", "service.example:80"),
        ("https://service.example", "Service.EXAMPLE"),
        ("https://service.example", "SERVICE.example:443"),
        ("http://service.example", "service.example:80"),
        ("https://service.example:443", "service.example"),
        ("https://service.example:8443", "service.example:8443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://[2001:DB8::1]", "[2001:db8::1]:443"),
    ],
)
def test_page_of_the_same_host_may_connect(origin: str, host: str):
    assert may_connect(Headers({"origin": origin, "host": host}), ALLOWED)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://service.example:8443", "service.example"),
        ("https://service.example", "service.example:8443"),
        ("http://service.example:443", "service.example"),
        ("https://evil.example", "service.example"),
        ("https://service.example.evil.example", "service.example"),
        ("https://service.example@evil.example", "service.example"),
        ("https://service.example/", "service.example"),
        ("capacitor://service.example", "service.example"),
        ("https://service.example:99999", "service.example:99999"),
        ("service.example", "service.example"),
        ("null", "null"),
        ("https://", ""),
        ("", ""),
    ],
)
def test_page_of_another_host_may_not_connect(origin: str, host: str):
    assert not may_connect(Headers({"origin": origin, "host": host}), ALLOWED)


def test_forwarded_host_is_the_first_one_listed():
    headers = {"host": "10.0.0.7:8000", "x-forwarded-host": "service.example, 10.0.0.1"}

    assert may_connect(Headers({**headers, "origin": "https://service.example"}), ALLOWED)
    assert not may_connect(Headers({**headers, "origin": "https://10.0.0.1"}), ALLOWED)


@pytest.mark.parametrize("origin", sorted(ALLOWED))
def test_configured_origin_may_connect(origin: str):
    assert may_connect(Headers({"origin": origin, "host": "service.example"}), ALLOWED)


def test_program_without_origin_may_connect():
    assert may_connect(Headers({"host": "service.example"}), ALLOWED)
