"""No request of a webhook reaches a private network, whatever URLs, names and receivers say."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest

from progress_service.errors import Invalid
from progress_service.webhooks.addresses import AddressPolicy, parse_url
from progress_service.webhooks.guard import UrlGuard
from progress_service.webhooks.resolver import Lookup, Resolver
from progress_service.webhooks.sender import Response, SendError, WebhookSender
from tests.certificates import Certificate
from tests.webhook_receiver import Receiver, a_receiver, responding

PUBLIC, PUBLIC_IPV6 = "93.184.215.14", "2606:2800:21f:cb07::1"
PUBLIC_ONLY = AddressPolicy()
PRIVATE_TOO = AddressPolicy(allows_private=True)
NAME = "receiver.example"

PRIVATE_URLS = (
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/hooks?x=1",
    "https://127.8.9.10/",
    "https://127.0.0.1./",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://192.88.99.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[0:0:0:0:0:ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::1]/",
    "https://[2001::1]/",
    "https://[2001:db8::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://localhost:8000/",
    "https://app.localhost/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://nas.home.arpa/",
    "https://mongo/",
    "https://mongo:27017/",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://127。0。0。1/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://loc\u00adalhost/",
)
MALFORMED_URLS = (
    "https://2130706433/",
    "https://017700000001/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://user@receiver.example/",
    "https://receiver.example@127.0.0.1/",
    "https://127.0.0.1#@receiver.example/",
    "https://receiver.example#here",
    "https://receiver.example\\.127.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "ftp://receiver.example/",
    "file:///etc/passwd",
    "gopher://receiver.example/",
    "HTTP//receiver.example",
)


def names(*addresses: str) -> Lookup:
    return lambda _: addresses


def guard(*addresses: str, policy: AddressPolicy = PUBLIC_ONLY) -> UrlGuard:
    return UrlGuard(Resolver(names(*addresses)), policy)


# -- when a webhook is registered --------------------------------------------------------------


@pytest.mark.parametrize("url", PRIVATE_URLS)
async def test_private_url_is_rejected_at_registration(url: str):
    with pytest.raises(Invalid) as rejected:
        await guard(PUBLIC).check(url)

    [error] = rejected.value.errors
    assert (error.field, error.code) == ("url", "private_address")
    assert "PROGRESS_WEBHOOKS_ALLOWED_NETWORKS" in error.detail


@pytest.mark.parametrize("url", MALFORMED_URLS)
async def test_malformed_url_is_rejected_at_registration_and_with_private_addresses_too(url: str):
    for policy in (PUBLIC_ONLY, PRIVATE_TOO):
        with pytest.raises(Invalid) as rejected:
            await guard(PUBLIC, policy=policy).check(url)

        assert rejected.value.errors[0].field == "url"


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), (PUBLIC, "10.0.0.1"), (PUBLIC_IPV6, "::ffff:192.168.0.1"), ("fd00::1",)],
)
async def test_name_with_any_private_address_is_rejected_at_registration(addresses: Sequence[str]):
    with pytest.raises(Invalid) as rejected:
        await guard(*addresses).check(f"https://{NAME}/")

    assert rejected.value.code == "private_address"


async def test_name_with_public_addresses_is_accepted():
    await guard(PUBLIC, PUBLIC_IPV6).check(f"https://{NAME}/")


async def test_name_that_is_not_resolved_now_is_accepted():
    await guard().check(f"https://{NAME}/")


@pytest.mark.parametrize("policy", [PUBLIC_ONLY, PRIVATE_TOO])
@pytest.mark.parametrize("host", [NAME, PUBLIC, f"[{PUBLIC_IPV6}]"])
async def test_plain_http_to_a_public_address_is_rejected(policy: AddressPolicy, host: str):
    with pytest.raises(Invalid) as rejected:
        await guard(PUBLIC, policy=policy).check(f"http://{host}/")

    assert rejected.value.code == "not_https"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "https://localhost/", "http://mongo/"])
async def test_private_url_is_accepted_by_setting(url: str):
    await guard("127.0.0.1", policy=PRIVATE_TOO).check(url)


async def test_metadata_of_clouds_are_rejected_although_private_addresses_are_allowed():
    with pytest.raises(Invalid):
        await guard(policy=PRIVATE_TOO).check("http://169.254.169.254/latest/meta-data/")


# -- when an event is sent ---------------------------------------------------------------------


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver inside the private network: on 127.0.0.1."""
    async with a_receiver() as receiver:
        yield receiver


async def post(
    url: str,
    lookup: Lookup,
    policy: AddressPolicy,
    *,
    tls: ssl.SSLContext | None = None,
) -> Response:
    async with WebhookSender(Resolver(lookup), policy, tls=tls) as sender:
        return await sender.post(parse_url(url), "{}", {})


@pytest.mark.parametrize("url", PRIVATE_URLS)
async def test_private_url_gets_no_request(url: str):
    def lookup(_: str) -> Sequence[str]:
        return ["127.0.0.1"]

    with pytest.raises(SendError, match="not permitted"):
        await post(url, lookup, PUBLIC_ONLY)


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        (PUBLIC, "127.0.0.1"),
        ("127.0.0.1", PUBLIC),
        ("::1", PUBLIC_IPV6),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_name_that_leads_inside_gets_no_connection(
    receiver: Receiver, addresses: Sequence[str], scheme: str
):
    with pytest.raises(SendError, match="not permitted"):
        await post(f"{scheme}://{NAME}:{receiver.port}/", names(*addresses), PUBLIC_ONLY)

    assert receiver.connections == 0


async def test_name_that_leads_inside_after_registration_gets_no_connection(receiver: Receiver):
    """DNS rebinding: public when the URL is checked, private when the event is sent."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    resolver = Resolver(lambda _: next(answers))
    url = f"https://{NAME}:{receiver.port}/"
    await UrlGuard(resolver, PUBLIC_ONLY).check(url)

    async with WebhookSender(resolver, PUBLIC_ONLY) as sender:
        with pytest.raises(SendError, match="not permitted"):
            await sender.post(parse_url(url), "{}", {})

    assert receiver.connections == 0


async def test_connection_goes_to_the_address_that_was_checked(receiver: Receiver):
    """The name is looked up once for each connection; nothing looks it up again."""
    asked: list[str] = []

    def lookup(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    response = await post(f"http://{NAME}:{receiver.port}/", lookup, PRIVATE_TOO)

    assert response.status == 204
    assert asked == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


async def test_next_address_is_used_if_one_does_not_respond(receiver: Receiver):
    lookup = names("127.0.0.2", "127.0.0.1")  # nothing listens on the first

    response = await post(f"http://{NAME}:{receiver.port}/", lookup, PRIVATE_TOO)

    assert response.status == 204


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/inside",
        "/inside",
        "//127.0.0.1:{port}/inside",
        "file:///etc/passwd",
    ],
)
async def test_redirect_leads_nowhere(receiver: Receiver, location: str):
    target = location.format(port=receiver.port)
    receiver.respond = lambda _: responding(302, Location=target)

    response = await post(f"{receiver.url}", names(), PRIVATE_TOO)

    assert response.status == 302
    assert [request.target for request in receiver.received] == ["/hooks"]


async def test_allowed_network_is_reached_and_its_neighbour_is_not(receiver: Receiver):
    policy = AddressPolicy(networks=[ipaddress.ip_network("127.0.0.1/32")])

    assert (await post(receiver.url, names(), policy)).status == 204
    with pytest.raises(SendError, match="not permitted"):
        await post(f"http://127.0.0.2:{receiver.port}/", names(), policy)


async def test_plain_http_to_a_public_address_gets_no_request():
    with pytest.raises(SendError, match="not permitted"):
        await post(f"http://{NAME}/", names(PUBLIC), PRIVATE_TOO)


# -- TLS ---------------------------------------------------------------------------------------


async def test_tls_verifies_the_name_and_not_the_address(tmp_path: Path):
    certificate = Certificate(tmp_path, NAME)
    async with a_receiver(tls=certificate.of_server()) as receiver:
        url = f"https://{NAME}:{receiver.port}/"

        response = await post(url, names("127.0.0.1"), PRIVATE_TOO, tls=certificate.of_client())

    assert response.status == 204
    assert certificate.names_asked_for == [NAME]


async def test_certificate_of_another_name_or_authority_is_not_accepted(tmp_path: Path):
    certificate = Certificate(tmp_path, "other.example")
    lookup = names("127.0.0.1")
    async with a_receiver(tls=certificate.of_server()) as receiver:
        url = f"https://{NAME}:{receiver.port}/"

        for trusted in (certificate.of_client(), httpx.create_ssl_context()):
            with pytest.raises(SendError, match="TLS"):
                await post(url, lookup, PRIVATE_TOO, tls=trusted)

    assert receiver.received == []
