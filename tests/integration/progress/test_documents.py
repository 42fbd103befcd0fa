"""Documents of this version take the fast path of the reader, and a migration leaves them alone."""

from __future__ import annotations

import pytest

from progress_service.domain.progress import Report
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.documents import own_progress
from progress_service.progress.foreign_documents import any_progress
from progress_service.progress.migration import count_old_records, migrate_records
from progress_service.progress.projections import IN_FRAME, IN_SUMMARY, IN_TOTALS
from tests.builders import a_report, at
from tests.integration.progress.conftest import Records
from tests.merge_model import Mark

SPANS = ((0.0, 10.0), (20.0, 30.5))
HISTORIES: dict[str, list[Report | Mark]] = {
    "a report": [a_report()],
    "a completion": [a_report(position_seconds=590.0)],
    "a completion after a report": [a_report(), a_report(position_seconds=590.0)],
    "a mark": [Mark(done=True, at=at())],
    "an unmark": [Mark(done=False, at=at())],
    "a report, marked": [a_report(), Mark(done=True, at=at(5))],
    "a completion, unmarked": [a_report(position_seconds=590.0), Mark(done=False, at=at(5))],
    "a report after an unmark": [Mark(done=False, at=at()), a_report(observed_at=at(9))],
    "spans": [a_report(played=SPANS)],
    "a device": [a_report(device_id="phone", session_id="one", played_seconds=9.0, played=SPANS)],
    "a restart": [a_report(), a_report(position_seconds=0.0, kind="restart", observed_at=at(9))],
    "a start position": [a_report(position_seconds=0.0)],
}


@pytest.mark.parametrize("name", HISTORIES)
async def test_own_document_is_read_on_the_fast_path(
    name: str, records: Records, database: Database
):
    await records.new().merge(*HISTORIES[name])

    for fields in (None, IN_SUMMARY, IN_FRAME, IN_TOTALS):
        [document] = await database[WATCH_PROGRESS].find({}, fields).to_list(None)
        progress = own_progress(document)
        assert progress is not None
        if fields in (None, IN_FRAME):
            assert progress == any_progress(document)


@pytest.mark.parametrize("name", HISTORIES)
async def test_own_document_is_not_migrated(name: str, records: Records, database: Database):
    await records.new().merge(*HISTORIES[name])
    before = await database[WATCH_PROGRESS].find({}).to_list(None)

    assert await count_old_records(database) == 0
    counts = await migrate_records(database, dry_run=False)

    assert (counts.rewritten, counts.merged, counts.unreadable) == (0, 0, 0)
    assert await database[WATCH_PROGRESS].find({}).to_list(None) == before
