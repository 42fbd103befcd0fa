"""One worker's xAPI service on a database with a course, and a store that can misbehave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from progress_service.clock import Clock
from progress_service.domain.outbox_events import OutboxEvent, session_ended, video_completed
from progress_service.mongo.client import Database
from progress_service.outbox.destinations import Delivery
from progress_service.progress.merge import ReportChange
from progress_service.progress.session_records import SessionRecords
from progress_service.progress.write_errors import NeedsReplacing
from progress_service.xapi.identifiers import Identifiers
from progress_service.xapi.service import XapiService
from progress_service.xapi.store import StatementStore
from progress_service.xapi.viewings import StatementBuilder
from tests.builders import NOON, a_course, a_report, a_video, at
from tests.composition import Composition, compose
from tests.conftest import FakeClock
from tests.ralph import Ralph, ralph
from tests.record_store import ScriptedRecordStore, scripted_record_store

STUDENTS = tuple(f"student-{number}" for number in range(12))
IDENTIFIERS = Identifiers("https://school.example", "https://learn.example/progress")


@dataclass(frozen=True)
class XapiWorker:
    """The service of one worker, and how to make it something to send."""

    service: XapiService
    parts: Composition

    async def complete(
        self, student_id: str, *, session_id: str = "one", seconds: float = 0
    ) -> list[Delivery]:
        """Store a session to the end of ``intro``; its completion and its end, as deliveries."""
        report = a_report(
            position_seconds=600.0,
            kind="ended",
            session_id=session_id,
            played=((0.0, 600.0),),
            observed_at=at(seconds),
        )
        course = await self.parts.catalog.course("react")
        threshold = course.thresholds["intro"]
        change = ReportChange(student_id, "intro", "react", report, threshold)
        [outcome] = await self.parts.progress.save_many([change])
        if isinstance(outcome, NeedsReplacing):
            await self.parts.progress.replace(change)
        return [delivery_of(completion_of(student_id)), delivery_of(end_of(student_id, session_id))]


def completion_of(student_id: str) -> OutboxEvent:
    return video_completed(student_id, "react", "intro", completed_at=NOON, unmarked_at=None)


def end_of(student_id: str, session_id: str = "one") -> OutboxEvent:
    return session_ended(student_id, "react", "intro", session_id, ended_at=NOON)


def delivery_of(event: OutboxEvent, *, attempts: int = 0) -> Delivery:
    return Delivery(delivery_id=f"xapi/{event.event_id}", event=event, attempts=attempts)


@pytest.fixture
async def worker(database: Database, clock: FakeClock) -> XapiWorker:
    parts = compose(database, clock)
    await parts.catalog_courses.put_course(a_course("react", a_video("intro"), a_video("hooks")))
    await parts.enrollments.enroll("react", STUDENTS, at=NOON)
    builder = StatementBuilder(IDENTIFIERS, default_percent=80.0)
    service = XapiService(
        SessionRecords(database),
        parts.catalog,
        StatementStore(database),
        builder,
        clock=Clock(clock),
    )
    return XapiWorker(service, parts)


@pytest.fixture
async def record_store() -> AsyncIterator[ScriptedRecordStore]:
    async with scripted_record_store() as store:
        yield store


@pytest.fixture(scope="session")
def running_ralph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    with ralph(tmp_path_factory.mktemp("ralph")) as running:
        yield running


@pytest.fixture
def store(running_ralph: Ralph) -> Ralph:
    """A Ralph without statements."""
    running_ralph.clear()
    return running_ralph
