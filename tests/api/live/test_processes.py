"""Several processes on one database, and processes that stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection

from tests.api.live.conftest import Learner, Live, serving

REPORTS = 60


@pytest.fixture(scope="module")
def other(
    live: Live, mongodb_uri: str, live_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A second process on the database of the first."""
    folder = tmp_path_factory.mktemp("other")
    with serving(folder, mongodb_uri, database=live_database) as served:
        yield Live(served)


async def test_report_to_one_process_reaches_a_socket_of_the_other(ana: Learner, other: Live):
    async with other.listening(ana.id) as listener, ana.live.caller(ana.id) as caller:
        path = f"/api/progress/video/{ana.video()}/watch-time"
        for n in range(REPORTS):
            body = {"watch_time": 100 + n, "total_duration": 600}
            (await caller.post(path, json=body)).raise_for_status()

            await listener.first("progress", watchTime=100 + n)


async def test_ended_enrolment_through_one_process_reaches_the_other(ana: Learner, other: Live):
    async with other.caller(ana.id) as caller, other.listening(ana.id) as listener:
        path = f"/api/progress/video/{ana.video()}/status"
        assert (await caller.get(path)).status_code == 200  # so that it caches the enrolment
        async with ana.live.caller("importer", "service") as service:
            await service.delete(f"/api/catalog/courses/{ana.course_id}/enrollments/{ana.id}")

        await listener.first("course", enrolled=False)

        assert (await caller.get(path)).status_code == 403


async def test_socket_that_moves_to_the_other_process_misses_nothing(ana: Learner, other: Live):
    async with ana.listening() as listener:
        await ana.report("first")
        cursor = (await listener.first("progress"))["cursor"]
    await ana.report("second")

    async with other.listening(ana.id, since=cursor) as listener:
        positions = await listener.states()

    assert ana.video("second") in positions


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_stopping_process_closes_its_sockets_with_1012(
    ana: Learner, mongodb_uri: str, live_database: str, tmp_path: Path, how: signal.Signals
):
    with serving(tmp_path, mongodb_uri, database=live_database) as served:
        ending = Live(served)
        async with ending.listening(ana.id) as listener, ending.socket() as unknown:
            served.process.send_signal(how)
            codes = await asyncio.gather(listener.close_code(), _close_code(unknown))
        await asyncio.to_thread(served.process.wait, 15)

        assert list(codes) == [1012, 1012]
        assert "Traceback" not in served.log


async def _close_code(connection: ClientConnection) -> int | None:
    await connection.wait_closed()
    return connection.close_code
