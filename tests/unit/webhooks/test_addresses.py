"""Which URLs and addresses a webhook may have."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.webhooks.addresses import AddressPolicy, parse_address, parse_url

PUBLIC_ONLY = AddressPolicy()
PRIVATE_TOO = AddressPolicy(allows_private=True)


def addresses_in(*networks: str) -> st.SearchStrategy[str]:
    return st.one_of([st.ip_addresses(network=network).map(str) for network in networks])


PRIVATE_IPV4 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
INTERNAL_IPV4 = ("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "168.63.129.16/32")
LINK_LOCAL = ("169.254.0.0/16", "fe80::/10")
NOBODYS = ("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8", "::/128")
PRIVATE_IPV6 = ("fc00::/7", "::1/128")
TUNNELS = ("2002::/16", "2001::/32", "64:ff9b:1::/48")


def permitted(policy: AddressPolicy, address: str, scheme: str = "https") -> bool:
    return policy.permits(ipaddress.ip_address(address), scheme=scheme)


@given(
    address=addresses_in(
        *PRIVATE_IPV4, *INTERNAL_IPV4, *LINK_LOCAL, *NOBODYS, *PRIVATE_IPV6, *TUNNELS
    )
)
def test_special_addresses_are_refused(address: str):
    assert not permitted(PUBLIC_ONLY, address)


@given(address=addresses_in(*PRIVATE_IPV4, *INTERNAL_IPV4, *LINK_LOCAL, *NOBODYS[:3]))
def test_special_addresses_inside_ipv6_are_refused(address: str):
    number = int(ipaddress.IPv4Address(address)) if ":" not in address else 0
    embedded = [
        f"::ffff:{ipaddress.IPv4Address(number)}",
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + number)),
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("2002::")) + (number << 80))),
        str(ipaddress.IPv6Address(number)),
    ]

    assert [one for one in embedded if permitted(PUBLIC_ONLY, one)] == []


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::808:808"]
)
def test_public_addresses_are_permitted_by_https_only(address: str):
    assert permitted(PUBLIC_ONLY, address)
    assert not permitted(PUBLIC_ONLY, address, "http")
    assert not permitted(PRIVATE_TOO, address, "http")


@given(
    address=addresses_in(*PRIVATE_IPV4, *PRIVATE_IPV6), scheme=st.sampled_from(["http", "https"])
)
def test_private_addresses_are_permitted_by_setting(address: str, scheme: str):
    assert permitted(PRIVATE_TOO, address, scheme)


@given(address=addresses_in(*LINK_LOCAL, *NOBODYS))
def test_link_local_and_unusable_addresses_are_not_permitted_with_the_private_ones(address: str):
    assert not permitted(PRIVATE_TOO, address)


def test_allowed_networks_are_permitted_and_no_others():
    policy = AddressPolicy(
        networks=[ipaddress.ip_network(n) for n in ("10.20.0.0/16", "169.254.7.0/24", "fd00::/8")]
    )

    assert permitted(policy, "10.20.3.4", "http")
    assert permitted(policy, "::ffff:10.20.3.4")
    assert permitted(policy, "169.254.7.1")
    assert permitted(policy, "fd12::1")
    assert not permitted(policy, "10.21.3.4")
    assert not permitted(policy, "127.0.0.1")
    assert not permitted(policy, "169.254.169.254")


# -- urls --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://Receiver.Example", "receiver.example", 443, "/"),
        ("HTTPS://receiver.example./a?b=c", "receiver.example", 443, "/a?b=c"),
        ("https://receiver.example:8443/a", "receiver.example", 8443, "/a"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://93.184.215.14/", "93.184.215.14", 443, "/"),
        ("https://[2606:2800::1]:444/", "2606:2800::1", 444, "/"),
        ("https://１２７.0.0.1/", "127.0.0.1", 443, "/"),
        ("https://127。0。0。1/", "127.0.0.1", 443, "/"),
        ("https://LOCAL\u00adhost.example/", "localhost.example", 443, "/"),
        ("http://127.0.0.1./", "127.0.0.1", 80, "/"),
    ],
)
def test_url_is_read_as_a_client_connects(url: str, host: str, port: int, path: str):
    target = parse_url(url)

    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "receiver.example",
        "//receiver.example/",
        "https:receiver.example",
        "https:///hooks",
        "https://",
        "https://.",
        "https://../",
        "https://a..b/",
        "https://-a.example/",
        "https://receiver.example:0/",
        "https://receiver.example:65536/",
        "https://receiver.example:x/",
        "https://receiver.example/#here",
        "https://receiver.example/#",
        "https://user@receiver.example/",
        "https://user:password@receiver.example/",
        "https://@receiver.example/",
        "https://receiver.example@127.0.0.1/",
        "https://receiver.example\\@127.0.0.1/",
        "https://receiver.example /",
        "https://receiver.example/\n",
        "https://receiver.example/ä",
        "https://receiver.example/\x00",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0X7F.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.0x1/",
        "https://256.1.1.1/",
        "https://[::1",
        "https://::1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1]evil/",
        "https://evil[::1]/",
        "https://[127.0.0.1]/",
        "https://%31%32%37.0.0.1/",
        "https://receiver.example%00.evil/",
        "https://xn--/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 127 + "example/",
        "ftp://receiver.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "unix:///run/docker.sock",
        "ws://receiver.example/",
        "https\x00://receiver.example/",
    ],
)
def test_malformed_url_is_rejected(url: str):
    with pytest.raises(ValueError, match=r"^(must|has|is) "):
        parse_url(url)


@given(url=st.text(max_size=60) | st.text(max_size=40).map(lambda text: f"https://{text}"))
def test_any_text_is_a_url_or_rejected(url: str):
    try:
        target = parse_url(url)
    except ValueError:
        return

    assert target.host.isascii()
    assert target.path.startswith("/")
    assert 1 <= target.port <= 65_535


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://receiver.example/", "receiver.example"),
        ("https://receiver.example:443/", "receiver.example"),
        ("https://receiver.example:80/", "receiver.example:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_host_header_has_no_default_port(url: str, authority: str):
    assert parse_url(url).authority == authority


def test_name_is_no_address():
    assert parse_address("receiver.example") is None
    assert parse_address("127.0.0.1") is not None
