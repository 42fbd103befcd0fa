"""Registering webhooks, over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from progress_service.domain.webhooks import MAX_WEBHOOKS
from progress_service.mongo.client import Database
from progress_service.webhooks.secrets import SecretBox, new_secret, valid_secret
from tests.builders import a_webhook_body, at, wire
from tests.conftest import CallerOf, FakeClock

ADDRESS = "/api/webhooks/certificates"
KEY, OLD_KEY = "k" * 32, "o" * 32


async def put(service: httpx.AsyncClient, address: str = ADDRESS, **given: Any) -> dict[str, Any]:
    response = await service.put(address, json=a_webhook_body(**given))
    assert response.status_code == 200, response.text
    registered: dict[str, Any] = response.json()
    return registered


async def stored_secrets(database: Database) -> list[str]:
    """The secrets of the webhook as stored, the current one first."""
    document = await database["webhooks"].find_one({"_id": "certificates"})
    assert document is not None
    return [one["sealed"] for one in document["secrets"]]


def errors_of(response: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


# -- registration ------------------------------------------------------------------------------


async def test_secret_is_returned_by_the_call_that_makes_it_and_never_again(
    service: httpx.AsyncClient,
):
    registered = await put(service)

    secret = valid_secret(registered["secret"])
    later = [
        await service.get(ADDRESS),
        await service.get("/api/webhooks"),
        await service.put(ADDRESS, json=a_webhook_body()),
        await service.get(ADDRESS + "/deliveries"),
    ]
    assert [response.status_code for response in later] == [200] * 4
    assert not any(secret in response.text or "whsec_" in response.text for response in later)
    assert "secret" not in later[0].json()
    assert later[2].json()["secret"] is None


async def test_webhook_is_returned_as_stored(service: httpx.AsyncClient):
    events = ["course.completed", "video.completed", "course.completed"]
    await put(service, events=events, is_active=False)

    assert (await service.get(ADDRESS)).json() == {
        "webhook_id": "certificates",
        "url": "https://receiver.invalid/hooks",
        "events": ["course.completed", "video.completed"],
        "is_active": False,
        "disabled_reason": None,
        "created_by": "importer",
        "created_at": wire(at()),
        "updated_at": wire(at()),
        "previous_secret_valid_until": None,
    }


async def test_second_put_changes_everything_but_the_secret_and_the_owner(
    service: httpx.AsyncClient, caller: CallerOf, database: Database, clock: FakeClock
):
    await put(service)
    secrets = await stored_secrets(database)
    clock.advance(60)

    changed = await put(
        caller("another", "service"), url="https://other.invalid/", events=["progress.erased"]
    )

    assert (changed["url"], changed["events"]) == ("https://other.invalid/", ["progress.erased"])
    assert (changed["created_by"], changed["created_at"]) == ("importer", wire(at()))
    assert changed["updated_at"] == wire(at(60))
    assert await stored_secrets(database) == secrets


async def test_secret_of_the_caller_is_used_and_not_returned(
    service: httpx.AsyncClient, database: Database
):
    secret = new_secret()

    registered = await put(service, secret=secret)

    assert registered["secret"] is None
    assert await stored_secrets(database) == [secret]


async def test_put_with_the_same_secret_rotates_nothing(
    service: httpx.AsyncClient, database: Database
):
    secret = new_secret()
    for _ in range(2):
        await put(service, secret=secret)

    assert await stored_secrets(database) == [secret]


async def test_put_with_another_secret_rotates(service: httpx.AsyncClient, database: Database):
    old, new = new_secret(), new_secret()
    await put(service, secret=old)

    changed = await put(service, secret=new)

    assert changed["previous_secret_valid_until"] == wire(at(hours=24))
    assert await stored_secrets(database) == [new, old]


async def test_rotation_returns_a_new_secret_once_with_an_overlap_of_24_hours(
    service: httpx.AsyncClient, database: Database, clock: FakeClock
):
    first = (await put(service))["secret"]

    rotated = (await service.post(ADDRESS + "/rotate-secret")).json()

    assert valid_secret(rotated["secret"]) != first
    assert rotated["previous_secret_valid_until"] == wire(at(hours=24))
    assert await stored_secrets(database) == [rotated["secret"], first]
    clock.advance(hours=24)
    assert (await service.get(ADDRESS)).json()["previous_secret_valid_until"] is None


async def test_removed_webhook_is_gone(service: httpx.AsyncClient):
    await put(service)

    assert (await service.delete(ADDRESS)).status_code == 204
    for response in (await service.get(ADDRESS), await service.delete(ADDRESS)):
        assert (response.status_code, response.json()["code"]) == (404, "webhook_not_found")
    assert (await service.get("/api/webhooks")).json() == {"webhooks": [], "next": None}


async def test_webhook_that_is_registered_again_has_a_new_secret(service: httpx.AsyncClient):
    first = (await put(service))["secret"]
    await service.delete(ADDRESS)

    assert (await put(service))["secret"] not in (first, None)


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/deliveries"), ("post", "/rotate-secret"), ("post", "/test"), ("post", "/replay")],
)
async def test_call_for_an_unknown_webhook_is_404(
    service: httpx.AsyncClient, method: str, path: str
):
    body = {"since": wire(at())} if path == "/replay" else None

    response = await service.request(method, ADDRESS + path, json=body)

    assert (response.status_code, response.json()["code"]) == (404, "webhook_not_found")


@pytest.mark.parametrize("path", ["/test", "/replay"])
async def test_inactive_webhook_is_sent_nothing(service: httpx.AsyncClient, path: str):
    await put(service, is_active=False)
    body = {"since": wire(at())} if path == "/replay" else None

    response = await service.post(ADDRESS + path, json=body)

    assert (response.status_code, response.json()["code"]) == (409, "webhook_inactive")


# -- lists -------------------------------------------------------------------------------------


async def test_webhooks_are_listed_in_pages_in_the_order_of_their_ids(service: httpx.AsyncClient):
    ids = ["b", "a:2", "c", "A"]
    for webhook_id in ids:
        await put(service, f"/api/webhooks/{webhook_id}")

    pages: list[list[str]] = []
    after: dict[str, str] = {}
    while True:
        page = (await service.get("/api/webhooks", params={"limit": 2, **after})).json()
        pages.append([webhook["webhook_id"] for webhook in page["webhooks"]])
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert pages == [["A", "a:2"], ["b", "c"]]


async def test_number_of_webhooks_is_bounded(service: httpx.AsyncClient):
    for number in range(MAX_WEBHOOKS):
        await put(service, f"/api/webhooks/{number}")

    response = await service.put(ADDRESS, json=a_webhook_body())
    changed = await service.put("/api/webhooks/0", json=a_webhook_body(is_active=False))

    assert (response.status_code, response.json()["code"]) == (409, "too_many_webhooks")
    assert "DELETE one first" in response.json()["detail"]
    assert changed.status_code == 200


async def test_number_of_webhooks_is_bounded_for_concurrent_calls(
    caller: CallerOf, database: Database
):
    services = [caller(f"service-{number}", "service") for number in range(MAX_WEBHOOKS + 10)]

    responses = await asyncio.gather(
        *(
            service.put(f"/api/webhooks/{number}", json=a_webhook_body())
            for number, service in enumerate(services)
        )
    )

    assert {response.status_code for response in responses} <= {200, 409, 503}
    assert await database["webhooks"].count_documents({}) <= MAX_WEBHOOKS


async def test_concurrent_puts_of_one_webhook_make_one_secret(caller: CallerOf, database: Database):
    services = [caller(f"service-{number}", "service") for number in range(8)]

    responses = await asyncio.gather(
        *(service.put(ADDRESS, json=a_webhook_body()) for service in services)
    )

    made = [r.json()["secret"] for r in responses if r.status_code == 200 and r.json()["secret"]]
    assert {response.status_code for response in responses} <= {200, 503}
    assert made == await stored_secrets(database)


async def test_concurrent_rotations_lose_no_secret(caller: CallerOf, database: Database):
    first = (await put(caller("first", "service")))["secret"]
    services = [caller(f"service-{number}", "service") for number in range(3)]

    responses = await asyncio.gather(
        *(service.post(ADDRESS + "/rotate-secret") for service in services)
    )

    made = {response.json()["secret"] for response in responses}
    assert set(await stored_secrets(database)) == {first, *made}


# -- what is rejected --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "receiver.example/hooks"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://receiver.example/" + "a" * 2_000}, "url"),
        ({"url": None}, "url"),
        ({"url": "https://receiver.example/\ud800"}, "body"),
        ({"url": "https://receiver.example/\u0000"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["video.watched"]}, "events.0"),
        ({"events": ["session.ended"]}, "events.0"),
        ({"events": "video.completed"}, "events"),
        ({"events": ["video.completed"] * 21}, "events"),
        ({"secret": "secret"}, "secret"),
        ({"secret": "whsec_c2hvcnQ="}, "secret"),
        ({"secret": ""}, "secret"),
        ({"is_active": "yes"}, "is_active"),
        ({"is_active": None}, "is_active"),
        ({"created_by": "me"}, "created_by"),
    ],
)
async def test_invalid_field_is_named(
    service: httpx.AsyncClient, database: Database, given: dict[str, Any], field: str
):
    text = json.dumps(a_webhook_body(**given))

    response = await service.put(ADDRESS, content=text)

    assert response.status_code == 422
    assert [name for name, _ in errors_of(response)] == [field]
    assert await database["webhooks"].count_documents({}) == 0


async def test_rejected_secret_is_not_repeated_in_the_error(service: httpx.AsyncClient):
    response = await service.put(ADDRESS, json=a_webhook_body(secret="whsec_my-own-secret"))

    assert response.status_code == 422
    assert "my-own-secret" not in response.text


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "private_address"),
        ("https://[::ffff:10.0.0.1]/", "private_address"),
        ("https://localhost:8000/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://receiver.invalid/", "not_https"),
        ("http://127.0.0.1/", "not_https"),
        ("https://0x7f.1/", "invalid"),
        ("https://ana:secret@receiver.invalid/", "invalid"),
    ],
)
async def test_url_that_is_not_permitted_is_rejected_with_a_remedy(
    service: httpx.AsyncClient, database: Database, url: str, code: str
):
    response = await service.put(ADDRESS, json=a_webhook_body(url=url))

    assert response.status_code == 422
    assert errors_of(response) == [("url", code)]
    assert await database["webhooks"].count_documents({}) == 0


@pytest.mark.settings(webhooks_allow_private_addresses=True)
async def test_private_url_is_accepted_by_setting(service: httpx.AsyncClient):
    await put(service, url="http://127.0.0.1:9000/hooks")


@pytest.mark.settings(webhooks_allowed_networks="10.20.0.0/16,127.0.0.0/8")
async def test_url_in_an_allowed_network_is_accepted(service: httpx.AsyncClient):
    await put(service, url="http://127.0.0.1:9000/hooks")
    response = await service.put(ADDRESS, json=a_webhook_body(url="https://10.21.0.1/"))

    assert errors_of(response) == [("url", "private_address")]


@pytest.mark.parametrize("webhook_id", ["-a", "a b", "a%2Fb", "a" * 129, "ä", "%00", "$where"])
async def test_malformed_id_is_rejected(service: httpx.AsyncClient, webhook_id: str):
    response = await service.put(f"/api/webhooks/{webhook_id}", json=a_webhook_body())

    assert response.status_code in (404, 422)


@pytest.mark.parametrize(
    "since", ["yesterday", "2026-11-22", "2026-11-22T10:30:00", 1_700_000_000, None, "", {}]
)
async def test_replay_since_no_moment_is_rejected(
    service: httpx.AsyncClient, webhook: Any, since: object
):
    response = await service.post(ADDRESS + "/replay", json={"since": since})

    assert response.status_code == 422
    assert [name for name, _ in errors_of(response)] == ["since"]


@pytest.mark.parametrize(
    "query",
    ["status=sent", "limit=0", "limit=501", "limit=x", "after=" + "a" * 513, "state=failed"],
)
async def test_invalid_query_is_rejected(service: httpx.AsyncClient, webhook: Any, query: str):
    assert (await service.get(f"{ADDRESS}/deliveries?{query}")).status_code == 422


@pytest.mark.parametrize("role", ["student", "teacher"])
async def test_webhooks_are_for_services_only(caller: CallerOf, webhook: Any, role: Any):
    client = caller("ana", role)

    responses = [
        await client.get("/api/webhooks"),
        await client.get(ADDRESS),
        await client.put(ADDRESS, json=a_webhook_body()),
        await client.post(ADDRESS + "/rotate-secret"),
        await client.post(ADDRESS + "/test"),
        await client.delete(ADDRESS),
    ]

    assert {response.json()["code"] for response in responses} == {"wrong_role"}


# -- what is stored ----------------------------------------------------------------------------


@pytest.mark.settings(webhooks_encryption_key=f"{KEY},{OLD_KEY}")
async def test_secrets_are_encrypted_with_the_first_key(
    service: httpx.AsyncClient, database: Database
):
    secret = (await put(service))["secret"]

    [sealed] = await stored_secrets(database)
    assert secret.removeprefix("whsec_") not in sealed
    assert SecretBox([KEY]).open(sealed) == secret


@pytest.mark.settings(webhooks_encryption_key=KEY)
async def test_put_keeps_secrets_that_no_key_decrypts(
    service: httpx.AsyncClient, database: Database
):
    await put(service)
    sealed = SecretBox([OLD_KEY]).seal(new_secret())
    await database["webhooks"].update_one({}, {"$set": {"secrets": [{"sealed": sealed}]}})

    await put(service, is_active=False)

    assert await stored_secrets(database) == [sealed]


@pytest.mark.parametrize(
    "fields",
    [
        {"url": None},
        {"url": 7},
        {"events": "video.completed"},
        {"revision": "1"},
        {"secrets": 3, "created_at": "today", "is_active": 1, "created_by": []},
        {"secrets": [None, {}, {"sealed": 4}], "events": [None, 1]},
    ],
)
async def test_document_of_another_program_harms_no_call(
    service: httpx.AsyncClient, database: Database, webhook: Any, fields: dict[str, Any]
):
    await database["webhooks"].update_one({"_id": "certificates"}, {"$set": fields})
    await database["webhooks"].insert_one({"url": "https://receiver.invalid/"})
    await put(service, "/api/webhooks/other")

    listed = await service.get("/api/webhooks")
    got = await service.get(ADDRESS)
    again = await service.put(ADDRESS, json=a_webhook_body())

    assert "other" in [one["webhook_id"] for one in listed.json()["webhooks"]]
    assert got.status_code in (200, 404)
    assert again.status_code == 200
    assert (await service.get(ADDRESS)).json()["url"] == "https://receiver.invalid/hooks"
