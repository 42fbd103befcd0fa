"""What each response of a receiver means for a delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from progress_service.clock import Clock
from progress_service.domain.webhooks import Webhook
from progress_service.outbox.destinations import Attempt
from progress_service.webhooks.addresses import AddressPolicy
from progress_service.webhooks.destination import RETRY_SECONDS, WebhookDestination
from progress_service.webhooks.resolver import Resolver
from progress_service.webhooks.secrets import SecretBox, new_secret
from progress_service.webhooks.sender import WebhookSender
from tests.builders import NOON
from tests.tcp_server import tcp_server
from tests.unit.webhooks.builders import SECRET, a_delivery, a_webhook, an_event
from tests.webhook_receiver import OK, Received, Receiver, a_receiver, responding

SHORT_SECONDS = 0.3
PRIVATE_TOO = AddressPolicy(allows_private=True)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as receiver:
        yield receiver


class Sending:
    """Sends to a receiver, and records whether the webhook was disabled."""

    def __init__(self, *, now: datetime | None = None, seconds: float = 10.0) -> None:
        self.disabled: list[tuple[Webhook, str]] = []
        self._clock = Clock((lambda: now) if now else None)
        self._seconds = seconds

    def destination(
        self, url: str, sender: WebhookSender, *, box: SecretBox | None = None, secret: str = SECRET
    ) -> WebhookDestination:
        async def disable(webhook: Webhook, reason: str) -> None:
            self.disabled.append((webhook, reason))

        return WebhookDestination(
            a_webhook(url=url, secret=secret),
            sender,
            box or SecretBox(),
            clock=self._clock,
            disable=disable,
        )

    async def attempt(self, url: str) -> Attempt:
        resolver = Resolver(lambda _: ["127.0.0.1"])
        async with WebhookSender(resolver, PRIVATE_TOO, request_seconds=self._seconds) as sender:
            [attempt] = await self.destination(url, sender).deliver([a_delivery()])
        return attempt


# -- the request -------------------------------------------------------------------------------


async def test_request_is_signed_json_that_the_library_verifies(receiver: Receiver):
    attempt = await Sending().attempt(f"{receiver.url}?tenant=a")

    [request] = receiver.received
    assert attempt == Attempt("delivered", 204)
    assert request.target == "/hooks?tenant=a"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.event_id == an_event().event_id
    assert request.verified_with(SECRET) == request.json
    assert request.json["data"]["student_id"] == "ana"


async def test_connection_is_used_again_and_bodies_of_responses_are_not_needed(receiver: Receiver):
    receiver.respond = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    async with WebhookSender(Resolver(), PRIVATE_TOO) as sender:
        destination = Sending().destination(receiver.url, sender)

        attempts = await destination.deliver([a_delivery(), a_delivery(), a_delivery()])

    assert [attempt.outcome for attempt in attempts] == ["delivered"] * 3
    assert receiver.connections == 1


async def test_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert (await Sending().attempt(receiver.url)).outcome == "delivered"


async def test_secret_that_cannot_be_decrypted_sends_nothing_and_is_tried_again(receiver: Receiver):
    sealed = SecretBox(["k" * 32]).seal(new_secret())
    async with WebhookSender(Resolver(), PRIVATE_TOO) as sender:
        destination = Sending().destination(
            receiver.url, sender, box=SecretBox(["o" * 32]), secret=sealed
        )

        [attempt] = await destination.deliver([a_delivery()])

    assert attempt.outcome == "retry"
    assert "PROGRESS_WEBHOOKS_ENCRYPTION_KEY" in str(attempt.detail)
    assert receiver.received == []


# -- the response ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
async def test_any_2xx_is_delivered(receiver: Receiver, status: int):
    receiver.respond = lambda _: responding(status)

    assert await Sending().attempt(receiver.url) == Attempt("delivered", status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504, 599])
async def test_error_is_tried_again(receiver: Receiver, status: int):
    receiver.respond = lambda _: responding(status)

    attempt = await Sending().attempt(receiver.url)

    assert (attempt.outcome, attempt.status) == ("retry", status)
    assert attempt.retry_after_seconds is None


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
async def test_redirect_is_not_followed(receiver: Receiver, status: int):
    receiver.respond = lambda _: responding(status, Location="/elsewhere")

    attempt = await Sending().attempt(receiver.url)

    assert (attempt.outcome, attempt.status) == ("retry", status)
    assert "register the address that the redirect leads to" in str(attempt.detail)
    assert [request.target for request in receiver.received] == ["/hooks"]


async def test_410_disables_the_webhook_and_ends_the_delivery(receiver: Receiver):
    receiver.respond = lambda _: responding(410)
    sending = Sending()

    attempt = await sending.attempt(receiver.url)

    assert (attempt.outcome, attempt.status) == ("failed", 410)
    [(webhook, reason)] = sending.disabled
    assert webhook.url == receiver.url
    assert "410" in reason


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("99999999999999999999", 86_400.0),
        (format_datetime(NOON + timedelta(minutes=5), usegmt=True), 300.0),
        (format_datetime(NOON + timedelta(days=9), usegmt=True), 86_400.0),
        (format_datetime(NOON - timedelta(minutes=5), usegmt=True), None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
async def test_retry_after_is_honoured_within_bounds(
    receiver: Receiver, status: int, value: str, seconds: float | None
):
    receiver.respond = lambda _: responding(status, Retry_After=value)

    attempt = await Sending(now=NOON).attempt(receiver.url)

    assert attempt.retry_after_seconds == seconds


async def test_retry_after_counts_for_429_and_503_only(receiver: Receiver):
    receiver.respond = lambda _: responding(500, Retry_After="120")

    assert (await Sending().attempt(receiver.url)).retry_after_seconds is None


def test_schedule_is_the_published_one():
    assert RETRY_SECONDS == (5, 30, 120, 600, 3_600, 21_600, 86_400, 86_400)


# -- receivers that are slow, broken or hostile ------------------------------------------------


async def test_receiver_that_is_down_is_tried_again():
    async with a_receiver() as receiver:
        url = receiver.url

    attempt = await Sending().attempt(url)

    assert (attempt.outcome, attempt.status) == ("retry", None)
    assert attempt.detail == "the receiver does not accept connections"


async def never(_: Received) -> bytes:
    await asyncio.Event().wait()
    return OK


async def test_receiver_that_does_not_respond_is_given_up(receiver: Receiver):
    receiver.respond = never

    attempt = await Sending(seconds=SHORT_SECONDS).attempt(receiver.url)

    assert attempt.outcome == "retry"
    assert "no response within" in str(attempt.detail)


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 10_000],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 10_000,
    ],
    ids=["headers that trickle", "interim responses that trickle"],
)
async def test_head_that_trickles_is_given_up(parts: list[bytes]):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)

    async with tcp_server(serve) as port:
        attempt = await Sending(seconds=SHORT_SECONDS).attempt(f"http://127.0.0.1:{port}/")

    assert attempt.outcome == "retry"


async def test_body_that_trickles_or_never_ends_is_not_waited_for(receiver: Receiver):
    receiver.respond = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx"

    assert await Sending(seconds=1.0).attempt(receiver.url) == Attempt("delivered", 200)


async def test_huge_body_is_not_read(receiver: Receiver):
    size = 50_000_000
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
    receiver.respond = lambda _: head + bytes(size)

    assert await Sending().attempt(receiver.url) == Attempt("delivered", 200)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\xff" * 100,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ],
    ids=lambda response: repr(response[:40]),
)
async def test_response_that_is_no_http_is_tried_again(response: bytes):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()

    async with tcp_server(serve) as port:
        attempt = await Sending().attempt(f"http://127.0.0.1:{port}/")

    assert (attempt.outcome, attempt.status) == ("retry", None)
    assert attempt.detail in (
        "the response is not valid HTTP/1.1",
        "the connection ended before the response",
    )


async def test_chunked_body_with_garbage_is_delivered(receiver: Receiver):
    receiver.respond = lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"

    assert await Sending().attempt(receiver.url) == Attempt("delivered", 200)


async def test_slow_receiver_takes_no_connection_from_another(receiver: Receiver):
    receiver.respond = never
    async with a_receiver() as fast, WebhookSender(Resolver(), PRIVATE_TOO) as sender:
        slow = Sending().destination(receiver.url, sender)
        waiting = [asyncio.create_task(slow.deliver([a_delivery()])) for _ in range(100)]
        await receiver.wait_for_count(100)

        [attempt] = await Sending().destination(fast.url, sender).deliver([a_delivery()])

        assert attempt.outcome == "delivered"
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
