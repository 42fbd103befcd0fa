"""A report while the history is paused changes nothing but the completion of the record."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.progress.merge import ReportChange
from tests.integration.progress.conftest import Record, Records
from tests.integration.progress.test_merge_laws import any_report, many_reports
from tests.merge_model import Mark

COMPLETION = frozenset({"completed_at", "course_id", "material_id"})


async def paused(record: Record, records: Records, report: Any) -> None:
    change = record.change(report)
    assert isinstance(change, ReportChange)
    [outcome] = await records.store.save_many([dataclasses.replace(change, keeps_history=False)])
    assert not isinstance(outcome, Exception)


@settings(max_examples=60)
@given(before=many_reports | st.just([]), report=any_report(), is_unmarked=st.booleans())
async def test_paused_report_changes_completion_alone(
    records: Records, before: list[Any], report: Any, is_unmarked: bool
):
    """The completion is that of a report that is stored; everything else stays."""
    record, usual = records.new(), records.new()
    unmark = [Mark(False, report.observed_at)] if is_unmarked else []
    for each in (record, usual):
        await each.merge(*before, *unmark)
    held = await record.document_or_none()

    await paused(record, records, report)
    await usual.merge(report)

    after, expected = await record.document_or_none(), await usual.document()
    if not report.reaches(80):
        assert after == held
        return
    assert after is not None
    assert after.get("completed_at") == expected.get("completed_at")
    assert _without_completion(after) == _without_completion(held or {})


def _without_completion(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in COMPLETION}
