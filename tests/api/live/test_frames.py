"""The frames of an open socket, and those after an interruption."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.api.live.conftest import Learner, Live, NewLearner
from tests.builders import a_course_body, a_material_body

PATHS = ["/progress", "/api/progress/live"]

# -- progress ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
async def test_report_of_one_device_reaches_the_others(ana: Learner, path: str):
    async with ana.listening(path=path) as listener:
        await ana.report(device_id="phone", played=[[0, 60]])

        frame = await listener.first("progress")

    fields = {k: v for k, v in frame.items() if k not in ("cursor", "lastWatched")}
    assert fields == {
        "type": "progress",
        "videoId": ana.video(),
        "watchTime": 125.5,
        "totalDuration": 600,
        "progressPercentage": 20.92,
        "completed": False,
        "watchedSeconds": 60,
        "deviceId": "phone",
    }
    assert frame["lastWatched"].endswith("Z")


async def test_report_reaches_the_device_that_sent_it(ana: Learner):
    """A frame proves that a report arrived, whatever its transport."""
    async with ana.listening(device_id="phone") as listener:
        await ana.report(device_id="phone")

        assert (await listener.first("progress"))["deviceId"] == "phone"


async def test_progress_is_not_sent_to_other_students(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()

    async with ben.listening() as listener:
        await ana.report()
        await listener.silent(1)


async def test_repeated_report_sends_no_frame(ana: Learner):
    report = {"observed_at": "2026-11-22T10:00:00Z", "device_id": "phone"}
    async with ana.listening() as listener:
        await ana.report(**report)
        await listener.first("progress")

        await ana.report(**report)

        await listener.silent(0.7)


async def test_progress_frame_equals_the_change_over_http(ana: Learner):
    async with ana.listening() as listener:
        await ana.report(device_id="phone", played=[[0, 20.25], [30, 40]])
        frame = await listener.first("progress")

    assert (await ana.changes())["changes"] == [frame]


async def test_last_frame_is_the_newest_state(ana: Learner):
    """Two hundred reports at once, in any order."""
    times = [f"2026-11-22T10:{n // 60:02}:{n % 60:02}Z" for n in range(200)]
    async with ana.listening() as listener:
        await asyncio.gather(
            *(ana.report(watch_time=100 + n, observed_at=at) for n, at in enumerate(times))
        )

        frame = await listener.first("progress", watchTime=299)
        assert frame["watchTime"] == 299


# -- completion and playback -------------------------------------------------------------------


async def test_completion_is_sent_once(ana: Learner):
    async with ana.listening() as listener:
        for position in (400, 480, 500, 520):
            await ana.report(watch_time=position)
        await listener.first("progress", watchTime=520)

    done = [f for f in listener.received if f["type"] == "completed"]
    assert [f["videoId"] for f in done] == [ana.video()]
    assert done[0]["completedAt"]


async def test_completion_by_the_first_report_is_sent(ana: Learner):
    async with ana.listening() as listener:
        await ana.report(watch_time=600)

        assert (await listener.first("completed"))["videoId"] == ana.video()


async def test_completion_mark_is_sent(ana: Learner):
    async with ana.listening() as listener, ana.live.caller(ana.id) as caller:
        await caller.post(f"/api/progress/material/{ana.video()}/complete")

        assert (await listener.first("completed"))["videoId"] == ana.video()
        assert (await ana.changes())["changes"][0]["completed"] is True


async def test_completion_sends_a_course_frame(ana: Learner):
    async with ana.listening() as listener:
        await ana.report(watch_time=600)

        frame = await listener.first("course", completedIds=[ana.video()])

    assert frame == {
        "type": "course",
        "courseId": ana.course_id,
        "enrolled": True,
        "overallProgress": 33.33,
        "completedIds": [ana.video()],
        "completedAt": None,
    }


async def test_playing_frame_reaches_the_other_devices(ana: Learner):
    async with ana.listening(device_id="tv") as tv, ana.listening(device_id="phone") as phone:
        await ana.report(device_id="phone")

        frame = await tv.first("playing")
        await phone.first("progress")
        await phone.silent(0.5)

    assert (frame["videoId"], frame["deviceId"], frame["watchTime"]) == (
        ana.video(),
        "phone",
        125.5,
    )


@pytest.mark.parametrize(
    "report",
    [
        {"kind": "pause", "device_id": "phone"},
        {"device_id": "phone", "observed_at": "2026-01-01T00:00:00Z"},
        {},
    ],
    ids=["paused", "long ago", "no device"],
)
async def test_playing_frame_is_not_sent_when_paused_or_long_ago_or_without_a_device(
    ana: Learner, report: dict[str, Any]
):
    async with ana.listening(device_id="tv") as listener:
        await ana.report(**report)
        await ana.report("second", kind="pause")
        await listener.first("progress", videoId=ana.video("second"))

    assert "playing" not in [frame["type"] for frame in listener.received]


# -- courses -----------------------------------------------------------------------------------


async def test_ended_enrolment_reaches_open_sockets_and_takes_effect_immediately(ana: Learner):
    async with ana.listening() as listener, ana.live.caller("importer", "service") as service:
        await ana.report()
        address = f"/api/catalog/courses/{ana.course_id}/enrollments/{ana.id}"
        (await service.delete(address)).raise_for_status()

        frame = await listener.first("course", enrolled=False)

        assert (frame["courseId"], frame["overallProgress"]) == (ana.course_id, None)
        async with ana.live.caller(ana.id) as caller:
            response = await caller.get(f"/api/progress/video/{ana.video()}/status")
        assert (response.status_code, response.json()["code"]) == (403, "not_enrolled")


async def test_enrolment_reaches_open_sockets(new_learner: NewLearner, live: Live):
    ana = await new_learner()
    async with live.listening("newcomer-" + ana.id) as listener:
        async with live.caller("importer", "service") as service:
            address = f"/api/catalog/courses/{ana.course_id}/enrollments/newcomer-{ana.id}"
            (await service.put(address)).raise_for_status()

        frame = await listener.first("course")

    assert (frame["courseId"], frame["enrolled"]) == (ana.course_id, True)


async def test_changed_course_reaches_its_students_only(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()
    async with ana.listening() as ana_socket, ben.listening() as ben_socket:
        async with ana.live.caller("importer", "service") as service:
            body = a_course_body(a_material_body(ana.video()), title="React, second edition")
            await service.put(f"/api/catalog/courses/{ana.course_id}", json=body)

        frame = await ana_socket.first("course", overallProgress=None)
        await ben_socket.silent(0.5)

    assert (frame["courseId"], frame["enrolled"]) == (ana.course_id, True)


async def test_removed_course_reaches_its_students(ana: Learner):
    async with ana.listening() as listener:
        async with ana.live.caller("importer", "service") as service:
            address = f"/api/catalog/courses/{ana.course_id}"
            (await service.delete(address)).raise_for_status()

        await listener.first("course", courseId=ana.course_id, overallProgress=None)


# -- after an interruption ---------------------------------------------------------------------


async def test_socket_without_a_cursor_receives_all_states(ana: Learner):
    await ana.report("second")
    await ana.report("first")

    async with ana.listening() as listener:
        positions = await listener.states()

    assert list(positions) == [ana.video("second"), ana.video("first")]


async def test_socket_with_the_last_cursor_receives_the_missed_states_only(ana: Learner):
    async with ana.listening() as listener:
        await ana.report("first")
        cursor = (await listener.first("progress"))["cursor"]
    await ana.report("second")
    await ana.report("third", watch_time=10)
    await ana.report("third", watch_time=20)

    async with ana.listening(since=cursor) as listener:
        positions = await listener.states()

    assert positions == {ana.video("second"): 125.5, ana.video("third"): 20}


async def test_cursor_works_over_http_and_over_a_socket(ana: Learner):
    await ana.report("first")
    cursor = (await ana.changes())["cursor"]
    await ana.report("second")

    async with ana.listening(since=cursor) as listener:
        frame = await listener.first("progress")
    await ana.report("third")
    changes = (await ana.changes(since=frame["cursor"]))["changes"]

    assert frame["videoId"] == ana.video("second")
    assert changes[-1]["videoId"] == ana.video("third")
    assert ana.video("second") not in [change["videoId"] for change in changes]


async def test_ready_cursor_misses_no_state_after_a_disconnect(ana: Learner):
    """`ready` precedes the states, so its cursor must not skip them."""
    await ana.report("first")
    async with ana.listening() as listener:
        cursor = listener.ready["cursor"]

    async with ana.listening(since=cursor) as listener:
        assert (await listener.first("progress"))["videoId"] == ana.video("first")


async def test_ready_cursor_without_changes_is_the_given_one(ana: Learner):
    await ana.report("first")
    cursor = (await ana.changes())["cursor"]

    async with ana.listening(since=cursor) as listener:
        assert listener.ready["cursor"] == cursor


async def test_report_while_a_socket_opens_is_received(ana: Learner):
    """The race between reading stored states and receiving changes, 24 times."""
    for turn in range(24):
        position = 100 + turn

        async def listen(expected: int = position) -> None:
            async with ana.listening() as listener:
                await listener.first("progress", watchTime=expected)

        await asyncio.gather(listen(), ana.report(watch_time=position))


async def test_sockets_that_break_repeatedly_miss_no_report(ana: Learner):
    """Sockets break while reports continue; each new socket resumes from the newest cursor."""
    received: dict[str, float] = {}
    cursor: str | None = None
    total = 60

    async def report_all() -> None:
        for n in range(total):
            await ana.report(("first", "second", "third")[n % 3], watch_time=100 + n)

    reporting = asyncio.create_task(report_all())
    breaks = 0
    while received.get(ana.video("third")) != 100 + total - 1:
        async with ana.listening(since=cursor) as listener:
            for _ in range(5):
                try:
                    frame = await listener.next(2)
                except TimeoutError:
                    break
                if frame["type"] == "progress":
                    received[frame["videoId"]] = frame["watchTime"]
                    cursor = frame["cursor"]
            listener.connection.transport.abort()
        breaks += 1
        assert breaks < 200
    await reporting

    now = {f["videoId"]: f["watchTime"] for f in (await ana.changes())["changes"]}
    assert received == now
    assert breaks > 3


async def test_catch_up_of_300_records_is_complete(ana: Learner):
    """Three hundred records, read while new reports arrive."""
    materials = [a_material_body(f"v{n}-{ana.id}") for n in range(300)]
    async with ana.live.caller("importer", "service") as service:
        address = f"/api/catalog/courses/{ana.course_id}"
        (await service.put(address, json=a_course_body(*materials))).raise_for_status()
    events = [
        {"event_id": f"e{n}", "video_id": f"v{n}-{ana.id}", "watch_time": 50, "total_duration": 600}
        for n in range(300)
    ]
    async with ana.live.caller(ana.id) as caller:
        body = {"sent_at": "2026-11-22T10:00:00Z", "events": events}
        (await caller.post("/api/progress/events", json=body)).raise_for_status()

    async with ana.listening() as listener:
        path = f"/api/progress/video/v0-{ana.id}/watch-time"
        async with ana.live.caller(ana.id) as caller:
            await caller.post(path, json={"watch_time": 99, "total_duration": 600})
        await listener.first("progress", watchTime=99)
        received = {f["videoId"] for f in listener.received if f["type"] == "progress"}

    assert len(received) == 300


async def test_frames_match_the_openapi_document(ana: Learner):
    async with ana.listening(device_id="tv") as listener:
        await ana.report(watch_time=600, device_id="phone")
        await listener.states()
    async with ana.live.caller("anyone") as caller:
        schemas = (await caller.get("/openapi.json")).json()["components"]["schemas"]

    names = {"progress", "completed", "playing", "course"}
    assert {frame["type"] for frame in listener.received} == names
    for frame in [listener.ready, *listener.received]:
        schema = schemas[frame["type"].capitalize() + "Frame"]
        assert set(frame) <= set(schema["properties"]), json.dumps(frame)
        assert set(schema.get("required", [])) <= set(frame)
