"""Changes since a cursor, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from progress_service.domain.cursor import Cursor
from tests.builders import a_body, at, brief, wire
from tests.conftest import CallerOf

CHANGES = "/api/progress/changes"


async def watch(caller: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await caller.post(path, json=a_body(**given))).raise_for_status()


async def changes(caller: httpx.AsyncClient, since: str | None = None) -> dict[str, Any]:
    query = {"since": since} if since is not None else {}
    found: dict[str, Any] = (await caller.get(CHANGES, params=query)).raise_for_status().json()
    return found


def ids(response: dict[str, Any]) -> list[str]:
    return [frame["videoId"] for frame in response["changes"]]


async def test_changes_without_a_cursor_are_all_states_oldest_first(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, "hooks")
    await watch(ana, "intro", device_id="phone", observed_at=wire(at(-60)))

    response = await changes(ana)

    assert ids(response) == ["hooks", "intro"]
    frame = response["changes"][1]
    assert frame.pop("cursor")
    assert frame == {
        "type": "progress",
        "videoId": "intro",
        "watchTime": 125.5,
        "totalDuration": 600,
        "progressPercentage": 20.92,
        "completed": False,
        "watchedSeconds": 0,
        "lastWatched": wire(at(-60)),
        "deviceId": "phone",
    }


async def test_changes_of_a_new_student_are_empty_with_a_cursor(ana: httpx.AsyncClient):
    response = await changes(ana)

    assert response["changes"] == []
    assert await changes(ana, response["cursor"]) == response


async def test_changes_after_a_cursor_are_the_later_ones_only(ana: httpx.AsyncClient, course: Any):
    await watch(ana, "intro")
    await watch(ana, "hooks")
    first = await changes(ana)

    await watch(ana, "hooks", watch_time=200)
    second = await changes(ana, first["cursor"])
    third = await changes(ana, second["cursor"])

    assert ids(second) == ["hooks"]
    assert ids(third) == []


async def test_cursor_of_one_change_returns_the_later_ones(ana: httpx.AsyncClient, course: Any):
    await watch(ana, "intro")
    cursor = (await changes(ana))["changes"][0]["cursor"]
    await watch(ana, "hooks")

    assert ids(await changes(ana, cursor)) == ["hooks"]


async def test_repeated_report_is_not_a_change(ana: httpx.AsyncClient, course: Any):
    await watch(ana, observed_at=wire(at(-5)))
    cursor = (await changes(ana))["cursor"]

    await watch(ana, observed_at=wire(at(-5)))

    assert ids(await changes(ana, cursor)) == []


async def test_completion_mark_is_a_change(ana: httpx.AsyncClient, course: Any):
    cursor = (await changes(ana))["cursor"]

    await ana.post("/api/progress/material/notes/complete")

    [frame] = (await changes(ana, cursor))["changes"]
    assert (frame["videoId"], frame["completed"], frame["lastWatched"]) == ("notes", True, None)


async def test_changes_of_other_students_are_not_returned_with_any_cursor(
    ana: httpx.AsyncClient, caller: CallerOf, course: Any
):
    cursor = (await changes(ana))["cursor"]
    await watch(ana)

    assert ids(await changes(caller("ben"))) == []
    assert ids(await changes(caller("ben"), cursor)) == []


async def test_changes_of_500_events_are_returned_once(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    """A cursor lists fewer changes than this, so the next response may repeat some of them."""
    await service.put(
        "/api/catalog/courses/long",
        json={
            "title": "Long",
            "teacher_ids": ["tom"],
            "materials": [
                {"material_id": f"v{n}", "type": "video", "title": "V"} for n in range(500)
            ],
        },
    )
    await service.put("/api/catalog/courses/long/enrollments/ana")
    events = [{"event_id": f"e{n}", "video_id": f"v{n}", **a_body()} for n in range(500)]
    body = {"sent_at": wire(at()), "events": events}
    (await ana.post("/api/progress/events", json=body)).raise_for_status()

    everything = await changes(ana)
    again = await changes(ana, everything["cursor"])

    assert len(set(ids(everything))) == len(everything["changes"]) == 500
    assert len(again["changes"]) <= 300


def packed(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


INVALID_CURSORS = [
    "",
    " ",
    "0",
    "nonsense",
    "=",
    "€",
    "a" * 8_193,
    packed("null"),
    packed("[]"),
    packed([1]),
    packed([1, 2]),
    packed([1, [2]]),
    packed([1, [[2]]]),
    packed([1, [[2, 3, 4]]]),
    packed([1, [["2", 3]]]),
    packed([1.5, []]),
    packed([True, []]),
    packed(["1", []]),
    packed([None, []]),
    packed([10**15, []]),
    packed([-(10**15), []]),
    packed([10**400, []]),
    packed([1, [[5, -(10**17)]]]),
    packed("[" + "9" * 5_000 + ",[]]"),
    packed('{"until": 1}'),
    packed("[NaN,[]]"),
    packed("[1e999,[]]"),
    packed("[" * 3_000),
    packed([1, []]) + "!",
    "../../etc/passwd",
    "$where",
]


@pytest.mark.parametrize("cursor", INVALID_CURSORS, ids=brief)
async def test_invalid_cursor_is_rejected(ana: httpx.AsyncClient, cursor: str):
    response = await ana.get(CHANGES, params={"since": cursor})

    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == ["since"]


@pytest.mark.parametrize(
    "cursor",
    [packed([0, []]), packed([1, [[-5, -(10**9)]]]), packed([1, [[10**30, 10**9]]])],
    ids=brief,
)
async def test_forged_cursor_returns_the_students_own_changes(
    ana: httpx.AsyncClient, course: Any, cursor: str
):
    await watch(ana)

    assert ids(await changes(ana, cursor)) == ["intro"]


async def test_cursor_from_the_future_returns_nothing(ana: httpx.AsyncClient, course: Any):
    await watch(ana)
    future = Cursor(4_000_000_000_000).encode()

    assert ids(await changes(ana, future)) == []


async def test_erased_record_is_absent_from_changes(
    ana: httpx.AsyncClient, course: Any, database: Any
):
    await watch(ana, "intro")
    await watch(ana, "hooks")
    cursor = (await changes(ana))["cursor"]
    await database["watch_progress"].delete_one({"material_id": "intro"})

    assert ids(await changes(ana, cursor)) == []
    assert ids(await changes(ana)) == ["hooks"]


@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_changes_require_the_student_role(caller: CallerOf, role: Any):
    assert (await caller("tom", role).get(CHANGES)).status_code == 403
