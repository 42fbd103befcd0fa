"""A cursor misses nothing, names what it has seen, and believes nobody."""

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


def is_told(record: Progress, since: Cursor) -> bool:
    """What a reader with that cursor is given."""
    assert record.stored_at is not None
    return record.stored_at >= since.reaches_back_to and not since.has_seen(record)


@given(st.lists(stored, max_size=30))
def test_what_is_written_can_be_read(records: list[Progress]):
    cursor = Cursor.after(records)

    assert Cursor.decode(cursor.encode()) == cursor


@given(st.lists(stored, max_size=30))
def test_what_was_seen_does_not_come_again(records: list[Progress]):
    cursor = Cursor.decode(Cursor.after(records).encode())

    assert [record for record in records if is_told(record, cursor)] == []


@given(seen=st.lists(stored, min_size=1, max_size=20), late=stored)
def test_a_change_that_appears_late_is_told_if_it_is_no_older_than_the_margin(
    seen: list[Progress], late: Progress
):
    """Changes become visible in another order than they are stamped."""
    cursor = Cursor.after(seen)
    newest = max(record.stored_at for record in seen if record.stored_at)
    assert late.stored_at is not None
    if late.stored_at >= newest - MARGIN and late not in seen:
        assert is_told(late, cursor)


@given(st.lists(stored, max_size=20), st.lists(stored, max_size=20))
def test_who_reads_in_two_steps_has_seen_what_one_step_shows(
    first: list[Progress], then: list[Progress]
):
    both = Cursor.after(then, since=Cursor.after(first))

    assert both == Cursor.after([*first, *then])


def test_a_cursor_does_not_go_back():
    cursor = Cursor.after([changed(seconds=-300)], since=Cursor.after([changed(seconds=0)]))

    assert cursor.reaches_back_to == NOON - MARGIN


def test_a_new_change_of_the_same_video_is_told():
    assert is_told(changed(seconds=0.001), Cursor.after([changed()]))


def test_another_video_of_the_same_moment_is_told():
    assert is_told(changed("hooks"), Cursor.after([changed("intro")]))


def test_a_cursor_stays_short_enough_to_be_read():
    crowd = [changed(f"v{n}", seconds=n / 100) for n in range(3_000)]

    cursor = Cursor.after(crowd)

    assert len(cursor.seen) == MAX_NAMED
    assert len(cursor.encode()) <= MAX_CHARACTERS
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_anything_else_is_refused_or_harmless(text: str):
    with suppress(Invalid):
        assert Cursor.decode(text).reaches_back_to


@pytest.mark.parametrize("text", ["", "W10", "a" * (MAX_CHARACTERS + 1)])
def test_what_is_no_cursor_names_its_field(text: str):
    with pytest.raises(Invalid) as refused:
        Cursor.decode(text)

    assert [error.field for error in refused.value.errors] == ["since"]
