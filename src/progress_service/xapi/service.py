"""Statements for deliveries, and pages of all statements of a student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from progress_service.catalog.ids import is_id
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.domain.catalog import Course
from progress_service.domain.outbox_events import OutboxEvent
from progress_service.domain.played_sessions import SessionRecord
from progress_service.pacing import paced
from progress_service.progress.session_records import SessionRecords
from progress_service.xapi.cursor import START, WHOLE_RECORD, Place
from progress_service.xapi.statements import Statement
from progress_service.xapi.store import StatementStore
from progress_service.xapi.viewings import StatementBuilder, events_of

RECORDS_AT_ONCE = 50
MAX_RECORDS = 1_000  # Of one page; records may have no statements.


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some statements of a student, in order, and where the next ones begin.

    A page may have fewer statements than requested, or none, although others follow.
    """

    statements: tuple[Statement, ...]
    next: Place | None
    records_read: int


class XapiService:
    """Builds statements from records, or returns them as they were sent."""

    def __init__(
        self,
        records: SessionRecords,
        catalog: CatalogService,
        store: StatementStore,
        builder: StatementBuilder,
        *,
        clock: Clock,
    ) -> None:
        self._records = records
        self._catalog = catalog
        self._store = store
        self._builder = builder
        self._clock = clock

    async def to_send(self, events: Sequence[OutboxEvent]) -> dict[str, Statement]:
        """The statement of each event, by the event's id; what is built now is stored.

        Omits events whose record has no such completion or session.

        Raises:
            Unavailable: the database does not respond.
        """
        identifiers = self._builder.identifiers
        ids = {event.event_id: identifiers.statement_id(event.event_id) for event in events}
        held = await self._store.find(list(ids.values()))
        new = [event for event in events if ids[event.event_id] not in held]
        if new:
            occurred_at = {ids[event.event_id]: event.occurred_at for event in new}
            held |= await self._store.add(await self._built(new), occurred_at=occurred_at)
        return {event_id: held[sid] for event_id, sid in ids.items() if sid in held}

    async def _built(self, events: Sequence[OutboxEvent]) -> list[Statement]:
        keys = [(event.student_id, event.data["material_id"]) for event in events]
        records = await self._records.read_each(keys)
        courses = await self._catalog.courses([event.data["course_id"] for event in events])
        built: dict[str, Statement] = {}
        async for event in paced(events):
            record = records.get((event.student_id, event.data["material_id"]))
            if record is None:
                continue
            course = courses.get(event.data["course_id"])
            statement = self._builder.statement(event, record, course)
            if statement is not None:
                built[statement.statement_id] = statement
        return list(built.values())

    async def page(self, student_id: str, *, after: Place | None, limit: int) -> StatementPage:
        """At most *limit* statements of the student after *after*, ordered by video.

        Raises:
            Unavailable: the database does not respond.
        """
        place, read = after or START, 0
        found: list[Statement] = []
        while read < MAX_RECORDS:
            records, last_id = await self._records.read_from(
                student_id, place.material_id, limit=RECORDS_AT_ONCE
            )
            read += RECORDS_AT_ONCE if last_id else len(records)
            for at, statement in await self._statements_of(student_id, records):
                if at <= place:
                    continue
                if len(found) == limit:
                    return StatementPage(tuple(found), place, read)
                found.append(statement)
                place = at
            if last_id is None:
                return StatementPage(tuple(found), None, read)
            place = Place(last_id, WHOLE_RECORD)
        return StatementPage(tuple(found), place, read)

    async def _statements_of(
        self, student_id: str, records: Sequence[SessionRecord]
    ) -> list[tuple[Place, Statement]]:
        """Every statement about *records*, in order."""
        material_ids = [record.progress.material_id for record in records]
        courses = await self._catalog.courses_of(material_ids)
        sent = await self._store.of_materials(student_id, material_ids)
        found: list[tuple[Place, Statement]] = []
        async for record in paced(records):
            material_id = record.progress.material_id
            by_key = await self._of_record(record, courses.get(material_id), sent)
            found += [(Place(material_id, key), by_key[key]) for key in sorted(by_key)]
        return found

    async def _of_record(
        self, record: SessionRecord, course: Course | None, sent: Mapping[str, Statement]
    ) -> dict[str, Statement]:
        """The statements about *record* by key: as they were sent, else as they would be sent."""
        material_id = record.progress.material_id
        by_key = {
            statement.session_key: statement
            for statement in sent.values()
            if statement.material_id == material_id and statement.session_key
        }
        if not is_id(material_id):  # of another program; no call can name it
            return by_key
        async for key, event in paced(events_of(record, course, now=self._clock.now())):
            if key in by_key or not (key == "" or is_id(key)):
                continue
            was_sent = sent.get(self._builder.identifiers.statement_id(event.event_id))
            statement = was_sent or self._builder.statement(event, record, course)
            if statement is not None:
                by_key[key] = statement
        return by_key
