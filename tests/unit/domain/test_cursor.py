"""A cursor misses no change, records what was sent, and validates its text."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.cursor import MARGIN, MAX_CHARACTERS, MAX_NAMED, Cursor
from progress_service.domain.progress import Progress
from progress_service.errors import Invalid
from tests.builders import NOON

stored = st.builds(
    lambda name, ms: Progress(f"v{name}", stored_at=NOON + timedelta(milliseconds=ms)),
    st.integers(0, 40),
    st.integers(-100_000, 100_000),
)


def changed(material_id: str = "intro", *, seconds: float = 0.0) -> Progress:
    return Progress(material_id, stored_at=NOON + timedelta(seconds=seconds))


def is_sent(record: Progress, since: Cursor) -> bool:
    """True if a client with the cursor *since* gets *record*."""
    assert record.stored_at is not None
    return record.stored_at >= since.reaches_back_to and not since.has_seen(record)


@given(st.lists(stored, max_size=30))
def test_cursor_decodes_what_it_encodes(records: list[Progress]):
    cursor = Cursor.after(records)

    assert Cursor.decode(cursor.encode()) == cursor


@given(st.lists(stored, max_size=30))
def test_change_that_was_seen_is_not_sent_again(records: list[Progress]):
    cursor = Cursor.decode(Cursor.after(records).encode())

    assert [record for record in records if is_sent(record, cursor)] == []


@given(seen=st.lists(stored, min_size=1, max_size=20), late=stored)
def test_change_that_appears_late_is_sent_within_the_margin(seen: list[Progress], late: Progress):
    """Changes may become visible in another order than that of their stamps."""
    cursor = Cursor.after(seen)
    newest = max(record.stored_at for record in seen if record.stored_at)
    assert late.stored_at is not None
    if late.stored_at >= newest - MARGIN and late not in seen:
        assert is_sent(late, cursor)


@given(st.lists(stored, max_size=20), st.lists(stored, max_size=20))
def test_cursor_after_two_reads_equals_that_after_one(first: list[Progress], then: list[Progress]):
    both = Cursor.after(then, since=Cursor.after(first))

    assert both == Cursor.after([*first, *then])


def test_cursor_does_not_move_back():
    cursor = Cursor.after([changed(seconds=-300)], since=Cursor.after([changed(seconds=0)]))

    assert cursor.reaches_back_to == NOON - MARGIN


def test_change_of_the_same_video_is_sent_again():
    assert is_sent(changed(seconds=0.001), Cursor.after([changed()]))


def test_change_of_another_video_at_the_same_time_is_sent():
    assert is_sent(changed("hooks"), Cursor.after([changed("intro")]))


def test_cursor_stays_within_its_maximum_length():
    many = [changed(f"v{n}", seconds=n / 100) for n in range(3_000)]

    cursor = Cursor.after(many)

    assert len(cursor.seen) == MAX_NAMED
    assert len(cursor.encode()) <= MAX_CHARACTERS
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_cursor_of_arbitrary_text_is_rejected_or_harmless(text: str):
    with suppress(Invalid):
        assert Cursor.decode(text).reaches_back_to


@pytest.mark.parametrize("text", ["", "W10", "a" * (MAX_CHARACTERS + 1)])
def test_cursor_that_is_invalid_names_its_field(text: str):
    with pytest.raises(Invalid) as rejected:
        Cursor.decode(text)

    assert [error.field for error in rejected.value.errors] == ["since"]
