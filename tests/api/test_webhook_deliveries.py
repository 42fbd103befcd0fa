"""From a report to a receiver: what is sent, repeated, replayed and listed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from standardwebhooks import WebhookVerificationError

from progress_service.app import create_app
from progress_service.mongo import change_stream
from progress_service.settings import Settings
from progress_service.testing import free_port
from progress_service.webhooks.destination import WebhookDestination
from tests.builders import wire
from tests.conftest import running
from tests.webhook_receiver import Received, Receiver, a_receiver, responding

ADDRESS = "/api/webhooks/certificates"
EVENTS = ["video.completed", "course.completed"]
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.05

pytestmark = pytest.mark.settings(webhooks_allow_private_addresses=True)


@pytest.fixture
async def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """With the real clock, by which receivers compare, and with short waits."""
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    monkeypatch.setattr(WebhookDestination, "retry_seconds", (0.1,) * 8)
    async with running(create_app(settings)) as app:
        yield app


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as receiver:
        yield receiver


async def register(
    service: httpx.AsyncClient, url: str, *, webhook_id: str = "certificates", **given: Any
) -> str:
    """Register a webhook; returns its secret."""
    body = {"url": url, "events": EVENTS, **given}
    response = await service.put(f"/api/webhooks/{webhook_id}", json=body)
    return str(response.raise_for_status().json()["secret"])


async def complete(student: httpx.AsyncClient, video_id: str = "intro") -> None:
    """Watch a video to its end."""
    body = {"watch_time": 600, "total_duration": 600, "kind": "ended"}
    response = await student.post(f"/api/progress/video/{video_id}/watch-time", json=body)
    response.raise_for_status()


async def deliveries(service: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    response = await service.get(f"{ADDRESS}/deliveries", params=query)
    page: list[dict[str, Any]] = response.raise_for_status().json()["deliveries"]
    return page


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Return when *check* is true."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not await check():
            await asyncio.sleep(POLL_SECONDS)


async def all_ended(service: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The deliveries, once there are so many and none is pending."""

    async def are_ended() -> bool:
        found = await deliveries(service)
        return len(found) == count and all(one["status"] != "pending" for one in found)

    await eventually(are_ended)
    return await deliveries(service)


# -- sending -----------------------------------------------------------------------------------


async def test_completed_video_is_sent_once_and_signed(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    secret = await register(service, receiver.url)

    for _ in range(3):
        await complete(ana)
    await all_ended(service, 1)

    [request] = receiver.received
    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert request.verified_with(secret) == {
        "type": "video.completed",
        "timestamp": status["completed_at"],
        "data": {
            "student_id": "ana",
            "course_id": "react",
            "material_id": "intro",
            "completed_at": status["completed_at"],
        },
    }


async def test_completed_course_is_sent_after_its_videos(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    await register(service, receiver.url)

    await complete(ana, "intro")
    await complete(ana, "hooks")
    (await ana.post("/api/progress/material/notes/complete")).raise_for_status()
    await receiver.wait_for(lambda: bool(receiver.of_type("course.completed")))

    [request] = receiver.of_type("course.completed")
    assert (request.json["data"]["student_id"], request.json["data"]["course_id"]) == (
        "ana",
        "react",
    )


async def test_webhook_gets_the_events_that_it_has_asked_for(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    async with a_receiver() as for_courses:
        await register(service, receiver.url)
        await register(service, for_courses.url, webhook_id="courses", events=["course.completed"])

        await complete(ana)
        await receiver.wait_for_count(1)
        test = await service.post("/api/webhooks/courses/test")
        await for_courses.wait_for_count(1)

    assert [one.json["type"] for one in receiver.received] == ["video.completed"]
    [request] = for_courses.received
    assert request.json["type"] == "webhook.test"
    assert request.json["data"] == {"webhook_id": "courses"}
    assert request.event_id == test.json()["event_id"]


async def test_new_webhook_gets_no_earlier_events_but_a_replay_sends_them(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    began_at = datetime.now(UTC)
    async with a_receiver() as first:
        await register(service, first.url, webhook_id="first")
        await complete(ana)
        await first.wait_for_count(1)
    await register(service, receiver.url)
    await complete(ana, "hooks")
    await receiver.wait_for_count(1)

    replayed = await service.post(f"{ADDRESS}/replay", json={"since": wire(began_at)})
    await receiver.wait_for_count(3)

    assert replayed.json() == {"replayed": 2}
    materials = [one.json["data"]["material_id"] for one in receiver.received]
    assert materials[0] == "hooks"
    assert sorted(materials[1:]) == ["hooks", "intro"]
    assert len({one.event_id for one in receiver.received}) == 2


async def test_replay_since_later_sends_nothing(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    await register(service, receiver.url)
    await complete(ana)
    await all_ended(service, 1)

    replayed = await service.post(f"{ADDRESS}/replay", json={"since": "2100-01-01T00:00:00Z"})

    assert replayed.json() == {"replayed": 0}


# -- secrets -----------------------------------------------------------------------------------


async def test_both_secrets_verify_during_a_rotation(
    service: httpx.AsyncClient, receiver: Receiver
):
    old = await register(service, receiver.url)
    await service.post(f"{ADDRESS}/test")
    await receiver.wait_for_count(1)

    new = (await service.post(f"{ADDRESS}/rotate-secret")).json()["secret"]

    async def has_both() -> bool:
        await service.post(f"{ADDRESS}/test")
        await receiver.wait_for_count(len(receiver.received) + 1)
        return receiver.received[-1].headers["webhook-signature"].count(" ") == 1

    await eventually(has_both)
    before, during = receiver.received[0], receiver.received[-1]
    assert during.verified_with(old) == during.verified_with(new) == during.json
    with pytest.raises(WebhookVerificationError):
        before.verified_with(new)


async def test_logs_and_lists_contain_no_secret_url_or_body(
    service: httpx.AsyncClient,
    ana: httpx.AsyncClient,
    course: Any,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    statuses = iter((500, 302, 410))
    receiver.respond = lambda _: responding(next(statuses), Location="/private-path")
    secret = await register(service, f"{receiver.url}?key=private-key")
    await complete(ana)
    await all_ended(service, 1)
    listed = await service.get(f"{ADDRESS}/deliveries")

    for text in (caplog.text, listed.text):
        for private in (secret, secret.removeprefix("whsec_"), "private-", "/hooks", "v1,"):
            assert private not in text
        assert '"data"' not in text
    assert "webhook_disabled" in caplog.text


# -- receivers that do not accept --------------------------------------------------------------


async def test_410_disables_the_webhook_until_it_is_put_again(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    def materials() -> set[str]:
        return {one.json["data"]["material_id"] for one in receiver.received}

    began_at = datetime.now(UTC)
    receiver.respond = lambda _: responding(410)
    secret = await register(service, receiver.url)
    await complete(ana)
    [ended] = await all_ended(service, 1)

    disabled = (await service.get(ADDRESS)).json()
    assert (ended["status"], ended["last_status"], ended["attempts"]) == ("failed", 410, 1)
    assert disabled["is_active"] is False
    assert "410" in disabled["disabled_reason"]
    await complete(ana, "hooks")

    receiver.respond = lambda _: responding(200)
    await register(service, receiver.url)
    await service.post(f"{ADDRESS}/replay", json={"since": wire(began_at)})
    await receiver.wait_for(lambda: materials() == {"intro", "hooks"})

    assert (await service.get(ADDRESS)).json()["disabled_reason"] is None
    assert all(request.verified_with(secret) for request in receiver.received)


async def test_receiver_that_was_down_gets_the_event_when_it_is_back(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any
):
    port = free_port()
    secret = await register(service, f"http://127.0.0.1:{port}/hooks")
    await complete(ana)

    async def was_tried() -> bool:
        return any(one["attempts"] >= 2 for one in await deliveries(service))

    await eventually(was_tried)
    [waiting] = await deliveries(service, status="pending")
    async with a_receiver(port=port) as receiver:
        await receiver.wait_for_count(1)
        [ended] = await all_ended(service, 1)

    assert waiting["last_detail"] == "the receiver does not accept connections"
    assert waiting["next_attempt_at"] is not None
    assert (ended["status"], ended["last_status"]) == ("delivered", 204)
    assert receiver.received[0].verified_with(secret)["data"]["student_id"] == "ana"


async def test_attempts_end_with_a_failure_that_a_replay_repeats(
    service: httpx.AsyncClient,
    ana: httpx.AsyncClient,
    course: Any,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(WebhookDestination, "retry_seconds", (0.0, 0.0))
    began_at = datetime.now(UTC)
    receiver.respond = lambda _: responding(500)
    await register(service, receiver.url)
    await complete(ana)

    [failed] = await all_ended(service, 1)
    assert (failed["status"], failed["attempts"]) == ("failed", 3)
    assert failed["last_detail"] == "the receiver returned 500"
    assert failed["next_attempt_at"] is None

    receiver.respond = lambda _: responding(200)
    await service.post(f"{ADDRESS}/replay", json={"since": wire(began_at)})
    await all_ended(service, 2)
    assert [one["status"] for one in await deliveries(service)] == ["delivered", "failed"]
    assert len({one.event_id for one in receiver.received}) == 1


async def test_receiver_that_never_responds_delays_no_other(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    async def never(_: Received) -> bytes:
        await asyncio.Event().wait()
        return b""

    async with a_receiver() as unresponsive:
        unresponsive.respond = never
        await register(service, unresponsive.url, webhook_id="unresponsive")
        await register(service, receiver.url)

        for video_id in ("intro", "hooks"):
            await complete(ana, video_id)
        await receiver.wait_for_count(2)
        await unresponsive.wait_for_count(2)

        pending = (await service.get("/api/webhooks/unresponsive/deliveries")).json()
        assert {one["status"] for one in pending["deliveries"]} == {"pending"}
    assert {one.json["data"]["material_id"] for one in receiver.received} == {"intro", "hooks"}


async def test_redirect_is_listed_with_its_remedy(service: httpx.AsyncClient, receiver: Receiver):
    receiver.respond = lambda _: responding(308, Location="/elsewhere")
    await register(service, receiver.url)
    await service.post(f"{ADDRESS}/test")

    async def was_tried() -> bool:
        return any(one["attempts"] for one in await deliveries(service))

    await eventually(was_tried)
    [delivery] = await deliveries(service)
    assert "register the address that the redirect leads to" in delivery["last_detail"]


# -- active or not -----------------------------------------------------------------------------


async def test_inactive_webhook_gets_no_events_and_a_replay_sends_them(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    began_at = datetime.now(UTC)
    await register(service, receiver.url, is_active=False)
    async with a_receiver() as other:
        await register(service, other.url, webhook_id="other")
        await complete(ana)
        await other.wait_for_count(1)
    await register(service, receiver.url)

    assert await deliveries(service) == []
    await service.post(f"{ADDRESS}/replay", json={"since": wire(began_at)})
    await receiver.wait_for_count(1)


async def test_pending_deliveries_go_to_the_new_url(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    await register(service, f"http://127.0.0.1:{free_port()}/")
    await complete(ana)

    async def was_tried() -> bool:
        return any(one["attempts"] for one in await deliveries(service))

    await eventually(was_tried)
    await register(service, receiver.url)

    await receiver.wait_for_count(1)


async def test_removed_webhook_gets_nothing_and_its_deliveries_are_gone(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, receiver: Receiver
):
    await register(service, receiver.url)
    await complete(ana)
    await all_ended(service, 1)

    await service.delete(ADDRESS)
    await register(service, receiver.url)

    assert await deliveries(service) == []


# -- lists -------------------------------------------------------------------------------------


async def test_deliveries_are_listed_in_pages_newest_first(
    service: httpx.AsyncClient, receiver: Receiver
):
    await register(service, receiver.url)
    sent = [(await service.post(f"{ADDRESS}/test")).json()["delivery_id"] for _ in range(5)]
    await all_ended(service, 5)

    found: list[str] = []
    query: dict[str, Any] = {"limit": 2, "status": "delivered"}
    while True:
        page = (await service.get(f"{ADDRESS}/deliveries", params=query)).json()
        found += [one["delivery_id"] for one in page["deliveries"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert found == sent[::-1]
    assert await deliveries(service, status="failed") == []


async def test_page_after_a_delivery_of_another_webhook_is_rejected(
    service: httpx.AsyncClient, receiver: Receiver
):
    await register(service, receiver.url)
    await register(service, receiver.url, webhook_id="other")
    other = (await service.post("/api/webhooks/other/test")).json()["delivery_id"]

    for after in (other, "nothing", "%00", "a" * 512):
        response = await service.get(f"{ADDRESS}/deliveries", params={"after": after})
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "after"
