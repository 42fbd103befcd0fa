"""The events in the OpenAPI document are those that receivers get."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from progress_service.domain.outbox_events import OutboxEvent, course_completed, video_completed
from progress_service.webhooks.bodies import body_of
from progress_service.webhooks.schemas import EventType
from progress_service.webhooks.service import TEST_EVENT
from tests.builders import NOON
from tests.operations import DOCUMENT

WEBHOOKS: dict[str, Any] = DOCUMENT["webhooks"]
HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"]


def an_event(kind: str, **data: Any) -> OutboxEvent:
    return OutboxEvent("e1", kind, "ana", NOON, data)


SENT = {
    "video.completed": video_completed(
        "ana", "react", "intro", completed_at=NOON, unmarked_at=None
    ),
    "course.completed": course_completed("ana", "react", completed_at=NOON, unmarked_at=None),
    "progress.erased": an_event("progress.erased", student_id="ana"),
    "webhook.test": an_event("webhook.test", webhook_id="certificates"),
}


def schema_of(kind: str) -> dict[str, Any]:
    content = WEBHOOKS[kind]["post"]["requestBody"]["content"]["application/json"]
    return {**content["schema"], "components": DOCUMENT["components"]}


def test_document_has_each_event_that_can_be_registered_and_the_test():
    assert set(WEBHOOKS) == {*get_args(EventType), TEST_EVENT} == set(SENT)


@pytest.mark.parametrize("kind", SENT)
def test_body_of_an_event_matches_its_schema(kind: str):
    body = json.loads(body_of(SENT[kind]))
    validator = Draft202012Validator(
        schema_of(kind), format_checker=Draft202012Validator.FORMAT_CHECKER
    )

    assert body["type"] == kind
    assert [error.message for error in validator.iter_errors(body)] == []


@pytest.mark.parametrize("kind", SENT)
def test_example_in_the_document_is_such_an_event(kind: str):
    name = WEBHOOKS[kind]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    [example] = DOCUMENT["components"]["schemas"][name.rpartition("/")[2]]["examples"]

    assert list(Draft202012Validator(schema_of(kind)).iter_errors(example)) == []
    assert set(example["data"]) == set(json.loads(body_of(SENT[kind]))["data"])


@pytest.mark.parametrize("kind", SENT)
def test_each_request_has_the_headers_of_standard_webhooks(kind: str):
    parameters = WEBHOOKS[kind]["post"]["parameters"]

    assert [p["name"] for p in parameters] == HEADERS
    assert all(p["in"] == "header" and p["required"] for p in parameters)
