"""The marks by services of duplicate records."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import pytest

from progress_service.progress.merge_forms import merge_forms
from progress_service.progress.modernize import current_form
from progress_service.progress.service_marks import merged_service_marks
from tests.builders import at


def mark(seconds: float, service: str) -> dict[str, Any]:
    return {"at": at(seconds), "service": service}


@pytest.mark.parametrize(
    ("unmarked_at", "first"),
    [(None, mark(1, "lms")), (at(0), mark(1, "lms")), (at(1), mark(2, "importer")), (at(2), None)],
)
def test_earliest_mark_after_the_unmark_is_retained_in_any_order(
    unmarked_at: datetime | None, first: dict[str, Any] | None
):
    forms: list[dict[str, Any]] = [
        {"marked_by": mark(2, "importer")},
        {"marked_by": mark(1, "proctor")},
        {"marked_by": mark(1, "lms")},
        {},
    ]

    for some in itertools.permutations(forms):
        merged = merged_service_marks(some, unmarked_at=unmarked_at)
        assert merged == {"marked_by": first}


def test_mark_with_an_earlier_time_counts_beside_the_unmark_it_followed():
    marked_again = {"unmarked_at": at(5), "marked_by": mark(1, "lms"), "completed_at": at(1)}
    other = {"marked_by": mark(0, "lms"), "completed_at": at(0)}

    for some in itertools.permutations([marked_again, other]):
        assert merged_service_marks(some, unmarked_at=at(5)) == {"marked_by": mark(1, "lms")}


def test_newest_unmark_is_retained_in_any_order():
    forms: list[dict[str, Any]] = [
        {"unmarked_by": mark(2, "a")},
        {"unmarked_by": mark(2, "b")},
        {"unmarked_by": None},
    ]

    for some in itertools.permutations(forms):
        merged = merged_service_marks(some, unmarked_at=at(3))
        assert merged == {"unmarked_by": mark(2, "b")}


@pytest.mark.parametrize("odd", ["tom", 7, [], {}, {"at": 7, "service": "lms"}, {"at": at()}])
def test_marks_of_another_form_are_ignored(odd: Any):
    fields = {"marked_by": odd, "unmarked_by": odd}

    assert merged_service_marks([fields, {}], unmarked_at=None) == {}
    assert merged_service_marks([fields, {"marked_by": mark(1, "lms")}], unmarked_at=None) == {
        "marked_by": mark(1, "lms")
    }


def test_marks_of_duplicate_records_are_merged_in_any_order():
    stamp = {"student_id": "ana", "material_id": "notes", "stored_at": naive(9)}
    one = {**stamp, "completed_at": naive(5), "marked_by": {"at": naive(5), "service": "lms"}}
    other = {
        **stamp,
        "completed_at": naive(4),
        "unmarked_at": naive(3),
        "furthest_since_unmark": None,
        "marked_by": {"at": naive(4), "service": "importer"},
        "unmarked_by": {"at": naive(3), "service": "lms"},
    }

    merged = merge_forms(one, other)

    assert merge_forms(other, one) == merged
    assert merged["completed_at"] == naive(4)
    assert merged["marked_by"] == {"at": naive(4), "service": "importer"}
    assert merged["unmarked_by"] == {"at": naive(3), "service": "lms"}


def test_marks_survive_the_rewriting_of_an_old_record():
    marks = {"marked_by": mark(1, "lms"), "unmarked_by": mark(0, "lms")}
    old = {"_id": 1, "student_id": "ana", "material_id": "notes", "completed_at": "now?", **marks}

    form = current_form(old, now=at(60))

    assert {name: form[name] for name in marks} == marks


def naive(seconds: float) -> datetime:
    """A time as the driver returns it."""
    return at(seconds).replace(tzinfo=None)
