"""The types of settings: how a value looks, and what is wrong with one that does not."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal, cast, get_args
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, SecretStr, StringConstraints
from pydantic_settings import NoDecode

SERVICE_LINK_SCHEMES = ("tcp://", "udp://", "sctp://")
_SERVICE_LINK = re.compile(
    r"PROGRESS_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)


def _valid_rate(text: str) -> str:
    try:
        rates = parse_many(text)
    except ValueError as error:
        raise ValueError("a rate looks like 50/second or 1000/minute") from error
    if any(rate.amount < 1 or rate.multiples < 1 for rate in rates):
        raise ValueError("a rate must allow at least one")
    return text


_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#*@\s:,]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def exact_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """The origins as browsers send them: in lower case, without the default port."""
    return tuple(_exact_origin(origin) for origin in origins)


def _exact_origin(text: str) -> str:
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(
            f"{text} is not an origin like https://learn.example:8443 or capacitor://localhost"
        )
    scheme, host, port = found.groups()
    is_default = port is None or port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{host}" if is_default else f"{scheme}://{host}:{port}"


def valid_root_path(text: str) -> str:
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("a prefix looks like /learn or /learn/progress")
    if {".", ".."} & set(path.split("/")):
        raise ValueError("a prefix must not contain . or ..")
    return path


_HTTP_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?", re.IGNORECASE)


def http_address(text: str) -> str:
    """The address without a slash at its end."""
    if not _HTTP_ADDRESS.fullmatch(text):
        raise ValueError(
            "an address looks like https://lrs.example/xAPI, without user, query and fragment"
        )
    urlsplit(text).port  # noqa: B018 - raises ValueError for a port that does not exist
    return text.rstrip("/")


def valid_role_names(pairs: tuple[str, ...]) -> tuple[str, ...]:
    names = [name_and_role(pair)[0] for pair in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} has two roles; list it once")
    return pairs


def name_and_role(pair: str) -> tuple[str, Role]:
    name, separator, role = (part.strip() for part in pair.rpartition("="))
    if not (name and separator and role in get_args(Role)) or ";" in name:
        raise ValueError(
            f"{pair} is not a pair like learner=student; the role is student, teacher or service"
        )
    return name, cast(Role, role)


def valid_networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError(f"{network} is not a network like 10.20.0.0/16 or fd00::/8") from error
    return networks


MIN_KEY_BYTES = 32


def _long_keys(secret: SecretStr) -> SecretStr:
    if any(len(key.encode()) < MIN_KEY_BYTES for key in keys_in(secret)):
        raise ValueError(
            f"each key must have at least {MIN_KEY_BYTES} bytes; make one with openssl rand -hex 32"
        )
    return secret


def keys_in(secret: SecretStr | None) -> tuple[str, ...]:
    """The keys in a setting, separated by commas."""
    return tuple(key.strip() for key in secret.get_secret_value().split(",")) if secret else ()


Keys = Annotated[SecretStr, AfterValidator(_long_keys)]
Role = Literal["student", "teacher", "service"]
Rate = Annotated[str, AfterValidator(_valid_rate)]
List = Annotated[tuple[str, ...], NoDecode]
ClaimName = Annotated[str, StringConstraints(pattern=r"^([^.\s]+(\.[^.\s]+)*|\S*://\S*)$")]


def is_service_link(name: str, value: str) -> bool:
    """True for a variable that Kubernetes sets in every container for a service `progress-…`."""
    return bool(_SERVICE_LINK.fullmatch(name)) or value.startswith(SERVICE_LINK_SCHEMES)
