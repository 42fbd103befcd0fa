"""Which addresses a webhook may go to: by default none inside a private network.

A receiver is named by others, so its address could be one that only this service can reach.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

from progress_service.errors import Invalid

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL_CHARACTERS = 2_000
_MAX_HOST_CHARACTERS = 253
_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BRACKETED = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
_VISIBLE_ASCII = re.compile(r"[!-~]*")
_PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "corp", "home")

_SHARED_BY_NOBODY = [
    *map(ipaddress.ip_network, ("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8")),
]
"""Unspecified, multicast, reserved and broadcast addresses; no receiver has one."""
_LINK_LOCAL = [*map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10"))]
_INTERNAL = [
    *map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",  # shared by carriers; also metadata of some clouds
            "168.63.129.16/32",  # a public address, but the platform's own inside Azure
            "192.0.0.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "198.18.0.0/15",
        ),
    )
]
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_TUNNELS = [*map(ipaddress.ip_network, ("2001::/23", "2002::/16", "3fff::/20"))]
"""Teredo, 6to4 and documentation: they lead to an IPv4 address, or nowhere."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL. ``host`` is an address, or a name in ASCII; ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> IPAddress | None:
        """The host as an address; ``None`` if it is a name."""
        return parse_address(self.host)

    @property
    def authority(self) -> str:
        """The value of the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What the settings allow beside public addresses.

    ``allows_private`` allows private and loopback addresses. Link-local ones, among them the
    metadata of clouds, must be in ``networks``.
    """

    allows_private: bool = False
    networks: Sequence[Network] = ()

    @property
    def allows_any_private(self) -> bool:
        """True if some private address is allowed."""
        return self.allows_private or bool(self.networks)

    def permits(self, address: IPAddress, *, scheme: str) -> bool:
        """True if a request may go to *address*. Plain HTTP must not cross a public network."""
        inner = _unwrapped(address)
        if _is_in(inner, _SHARED_BY_NOBODY):
            return False
        if any(inner in network for network in self.networks if network.version == inner.version):
            return True
        if _is_public(inner):
            return scheme == "https"
        return self.allows_private and not _is_in(inner, _LINK_LOCAL)

    def check_name(self, target: Target) -> None:
        """Pass for a host name that may have public addresses.

        Raises:
            Invalid: it is a name of private networks, and none is allowed.
        """
        if self.allows_any_private or target.address is not None:
            return
        if "." not in target.host or target.host.endswith(tuple(f".{n}" for n in _PRIVATE_NAMES)):
            raise private_address()


def parse_address(host: str) -> IPAddress | None:
    """*host* as an address; ``None`` if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def private_address() -> Invalid:
    """The error for a URL that leads into a private network."""
    return Invalid.field(
        "url",
        "leads to a private, local or reserved address; use a public https:// address, or let the "
        "operator allow its network in PROGRESS_WEBHOOKS_ALLOWED_NETWORKS",
        code="private_address",
    )


def plain_http() -> Invalid:
    """The error for plain HTTP to a public address."""
    return Invalid.field(
        "url",
        "must begin with https://; http:// is for private networks, which the operator allows in "
        "PROGRESS_WEBHOOKS_ALLOWED_NETWORKS",
        code="not_https",
    )


def parse_url(url: str) -> Target:
    """The parts of *url*.

    Raises:
        ValueError: it is no plain http or https address; the message says how to correct it.
    """
    if any(character <= " " or character == "\\" or character == "\x7f" for character in url):
        raise ValueError("must not contain spaces, backslashes or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("is no address like https://receiver.example/hooks") from error
    if parts.scheme not in _PORTS:
        raise ValueError("must begin with https://")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user or password; receivers verify the signature")
    if "[" in parts.netloc and not _BRACKETED.fullmatch(parts.netloc):
        raise ValueError("has text beside the brackets of its IPv6 address")
    if "#" in url:
        raise ValueError("must not contain a fragment; remove # and what follows")
    if port == 0:
        raise ValueError("must have a port from 1 to 65535, or none")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _VISIBLE_ASCII.fullmatch(path):
        raise ValueError("must be percent-encoded after the host")
    return Target(parts.scheme, _host(parts.hostname or ""), port or _PORTS[parts.scheme], path)


def _host(host: str) -> str:
    if ":" in host:  # between brackets
        try:
            return str(ipaddress.IPv6Address(_without_zone(host)))
        except ValueError as error:
            raise ValueError("has an invalid IPv6 address between its brackets") from error
    name = _ascii_name(host).rstrip(".") if not host.endswith("..") else ""
    labels = name.split(".")
    if len(name) > _MAX_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("has no valid host name; it looks like https://receiver.example/hooks")
    # Programs read 2130706433, 0x7f000001, 0177.0.0.1 and 127.1 as addresses, each differently.
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            raise ValueError("has an IPv4 address that is not four decimal numbers") from error
    return name


def _without_zone(host: str) -> str:
    if "%" in host:
        raise ValueError("zone")
    return host


def _ascii_name(host: str) -> str:
    """*host* in lower-case ASCII; international names in Punycode, as clients look them up."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError("has no valid international host name") from error


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address inside a mapped or NAT64 one, which is where the packets go."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_in(address: IPAddress, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _is_public(address: IPAddress) -> bool:
    if not address.is_global or address.is_multicast or _is_in(address, _INTERNAL):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GLOBAL_IPV6 and not _is_in(address, _TUNNELS)
    return True
