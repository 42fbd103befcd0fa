"""What an open socket hears, and what it hears after an interruption."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.api.live.conftest import Learner, Live, NewLearner
from tests.builders import a_course_body, a_material_body

PATHS = ["/progress", "/api/progress/live"]

# -- progress ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
async def test_a_report_of_one_device_reaches_the_others(ana: Learner, path: str):
    async with ana.listening(path=path) as listener:
        await ana.report(device_id="phone", played=[[0, 60]])

        frame = await listener.first("progress")

    seen = {k: v for k, v in frame.items() if k not in ("cursor", "lastWatched")}
    assert seen == {
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


async def test_the_device_that_reported_hears_of_it_too(ana: Learner):
    """So a socket is the proof that a report arrived, whichever way it went."""
    async with ana.listening(device_id="phone") as listener:
        await ana.report(device_id="phone")

        assert (await listener.first("progress"))["deviceId"] == "phone"


async def test_nobody_hears_of_the_progress_of_others(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()

    async with ben.listening() as listener:
        await ana.report()
        await listener.silent(1)


async def test_a_repeat_is_no_news(ana: Learner):
    report = {"observed_at": "2026-11-22T10:00:00Z", "device_id": "phone"}
    async with ana.listening() as listener:
        await ana.report(**report)
        await listener.first("progress")

        await ana.report(**report)

        await listener.silent(0.7)


async def test_frames_and_http_say_the_same(ana: Learner):
    async with ana.listening() as listener:
        await ana.report(device_id="phone", played=[[0, 20.25], [30, 40]])
        frame = await listener.first("progress")

    assert (await ana.changes())["changes"] == [frame]


async def test_the_newest_state_is_the_last_frame(ana: Learner):
    """Two hundred reports at once, in any order."""
    times = [f"2026-11-22T10:{n // 60:02}:{n % 60:02}Z" for n in range(200)]
    async with ana.listening() as listener:
        await asyncio.gather(
            *(ana.report(watch_time=100 + n, observed_at=at) for n, at in enumerate(times))
        )

        frame = await listener.first("progress", watchTime=299)
        assert frame["watchTime"] == 299


# -- what else is told -------------------------------------------------------------------------


async def test_a_completion_is_told_once(ana: Learner):
    async with ana.listening() as listener:
        for position in (400, 480, 500, 520):
            await ana.report(watch_time=position)
        await listener.first("progress", watchTime=520)

    done = [f for f in listener.heard if f["type"] == "completed"]
    assert [f["videoId"] for f in done] == [ana.video()]
    assert done[0]["completedAt"]


async def test_the_first_report_of_all_may_complete(ana: Learner):
    async with ana.listening() as listener:
        await ana.report(watch_time=600)

        assert (await listener.first("completed"))["videoId"] == ana.video()


async def test_a_mark_by_hand_is_told(ana: Learner):
    async with ana.listening() as listener, ana.live.caller(ana.id) as caller:
        await caller.post(f"/api/progress/material/{ana.video()}/complete")

        assert (await listener.first("completed"))["videoId"] == ana.video()
        assert (await ana.changes())["changes"][0]["completed"] is True


async def test_a_completion_moves_the_course(ana: Learner):
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


async def test_other_devices_hear_who_plays(ana: Learner):
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
async def test_nobody_plays_who_is_paused_or_was_there_long_ago(ana: Learner, report: dict):
    async with ana.listening(device_id="tv") as listener:
        await ana.report(**report)
        await ana.report("second", kind="pause")
        await listener.first("progress", videoId=ana.video("second"))

    assert "playing" not in [frame["type"] for frame in listener.heard]


# -- courses -----------------------------------------------------------------------------------


async def test_an_unenrolment_reaches_open_sockets_and_counts_at_once(ana: Learner):
    async with ana.listening() as listener, ana.live.caller("importer", "service") as service:
        await ana.report()
        address = f"/api/catalog/courses/{ana.course_id}/enrollments/{ana.id}"
        (await service.delete(address)).raise_for_status()

        frame = await listener.first("course", enrolled=False)

        assert (frame["courseId"], frame["overallProgress"]) == (ana.course_id, None)
        async with ana.live.caller(ana.id) as caller:
            answer = await caller.get(f"/api/progress/video/{ana.video()}/status")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_enrolled")


async def test_an_enrolment_reaches_open_sockets(new_learner: NewLearner, live: Live):
    ana = await new_learner()
    async with live.listening("newcomer-" + ana.id) as listener:
        async with live.caller("importer", "service") as service:
            address = f"/api/catalog/courses/{ana.course_id}/enrollments/newcomer-{ana.id}"
            (await service.put(address)).raise_for_status()

        frame = await listener.first("course")

    assert (frame["courseId"], frame["enrolled"]) == (ana.course_id, True)


async def test_a_changed_course_reaches_those_in_it_and_nobody_else(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()
    async with ana.listening() as hers, ben.listening() as his:
        async with ana.live.caller("importer", "service") as service:
            body = a_course_body(a_material_body(ana.video()), title="React, second edition")
            await service.put(f"/api/catalog/courses/{ana.course_id}", json=body)

        frame = await hers.first("course", overallProgress=None)
        await his.silent(0.5)

    assert (frame["courseId"], frame["enrolled"]) == (ana.course_id, True)


async def test_a_removed_course_reaches_those_in_it(ana: Learner):
    async with ana.listening() as listener:
        async with ana.live.caller("importer", "service") as service:
            address = f"/api/catalog/courses/{ana.course_id}"
            (await service.delete(address)).raise_for_status()

        await listener.first("course", courseId=ana.course_id, overallProgress=None)


# -- after an interruption ---------------------------------------------------------------------


async def test_without_a_cursor_everything_comes_first(ana: Learner):
    await ana.report("second")
    await ana.report("first")

    async with ana.listening() as listener:
        told = await listener.states()

    assert list(told) == [ana.video("second"), ana.video("first")]


async def test_with_the_cursor_of_the_last_frame_only_what_was_missed_comes(ana: Learner):
    async with ana.listening() as listener:
        await ana.report("first")
        cursor = (await listener.first("progress"))["cursor"]
    await ana.report("second")
    await ana.report("third", watch_time=10)
    await ana.report("third", watch_time=20)

    async with ana.listening(since=cursor) as listener:
        told = await listener.states()

    assert told == {ana.video("second"): 125.5, ana.video("third"): 20}


async def test_the_cursor_over_http_is_good_for_a_socket_and_back(ana: Learner):
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


async def test_who_is_cut_off_after_ready_has_missed_nothing_with_its_cursor(ana: Learner):
    """`ready` comes before the states, so its cursor must not claim that they were seen."""
    await ana.report("first")
    async with ana.listening() as listener:
        cursor = listener.ready["cursor"]

    async with ana.listening(since=cursor) as listener:
        assert (await listener.first("progress"))["videoId"] == ana.video("first")


async def test_the_cursor_of_ready_with_nothing_new_is_the_one_that_was_given(ana: Learner):
    await ana.report("first")
    cursor = (await ana.changes())["cursor"]

    async with ana.listening(since=cursor) as listener:
        assert listener.ready["cursor"] == cursor


async def test_reports_while_a_socket_opens_are_never_missed(ana: Learner):
    """The race between reading what there is and hearing what changes, two dozen times."""
    for turn in range(24):
        position = 100 + turn

        async def listen(wanted: int = position) -> None:
            async with ana.listening() as listener:
                await listener.first("progress", watchTime=wanted)

        await asyncio.gather(listen(), ana.report(watch_time=position))


async def test_over_a_broken_line_nothing_is_missed(ana: Learner):
    """Sockets break at any moment while reports go on; each goes on from its newest cursor."""
    heard: dict[str, float] = {}
    cursor: str | None = None
    total = 60

    async def report_all() -> None:
        for n in range(total):
            await ana.report(("first", "second", "third")[n % 3], watch_time=100 + n)

    reporting = asyncio.create_task(report_all())
    breaks = 0
    while heard.get(ana.video("third")) != 100 + total - 1:
        async with ana.listening(since=cursor) as listener:
            for _ in range(5):
                try:
                    frame = await listener.next(2)
                except TimeoutError:
                    break
                if frame["type"] == "progress":
                    heard[frame["videoId"]] = frame["watchTime"]
                    cursor = frame["cursor"]
            listener.connection.transport.abort()
        breaks += 1
        assert breaks < 200
    await reporting

    now = {f["videoId"]: f["watchTime"] for f in (await ana.changes())["changes"]}
    assert heard == now
    assert breaks > 3


async def test_a_huge_catch_up_comes_whole(ana: Learner):
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
        heard = {f["videoId"] for f in listener.heard if f["type"] == "progress"}

    assert len(heard) == 300


async def test_every_frame_is_one_that_the_document_describes(ana: Learner):
    async with ana.listening(device_id="tv") as listener:
        await ana.report(watch_time=600, device_id="phone")
        await listener.states()
    async with ana.live.caller("anyone") as caller:
        schemas = (await caller.get("/openapi.json")).json()["components"]["schemas"]

    names = {"progress", "completed", "playing", "course"}
    assert {frame["type"] for frame in listener.heard} == names
    for frame in [listener.ready, *listener.heard]:
        schema = schemas[frame["type"].capitalize() + "Frame"]
        assert set(frame) <= set(schema["properties"]), json.dumps(frame)
        assert set(schema.get("required", [])) <= set(frame)
