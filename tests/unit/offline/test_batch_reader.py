"""The batch reader accepts what `json` accepts, and splits it into events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import Invalid
from progress_service.offline.batch_reader import RawBatch, read_batch

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


async def read(text: str | bytes, *, max_events: int = 500) -> RawBatch:
    raw = text.encode() if isinstance(text, str) else text
    return await read_batch(raw, max_events=max_events)


@given(
    head=st.dictionaries(st.text().filter(lambda key: key != "events"), values, max_size=5),
    events=st.lists(values, max_size=5),
    indent=st.none() | st.integers(0, 3),
)
async def test_batch_is_split_into_its_head_and_events(
    head: dict[str, Any], events: list[Any], indent: int | None
):
    text = json.dumps({**head, "events": events, "last": None}, indent=indent)

    batch = await read(text)

    assert json.dumps(batch.head) == json.dumps({**head, "last": None})
    assert batch.events is not None
    assert [json.dumps(json.loads(event.text)) for event in batch.events] == [
        json.dumps(event) for event in events
    ]


@given(text=st.text(alphabet='{}[]",:ea1 \n\\', max_size=30))
async def test_batch_is_accepted_exactly_when_it_is_a_json_object(text: str):
    try:
        is_object = isinstance(json.loads(text), dict)
    except ValueError:
        is_object = False

    if is_object:
        await read(text)
    else:
        with pytest.raises(Invalid):
            await read(text)


async def test_batch_has_the_id_and_field_count_of_each_event():
    batch = await read(
        '{"events": [{"event_id": "a", "x": 1}, 5, {"event_id": 7}], "sent_at": "t"}'
    )

    assert batch.head == {"sent_at": "t"}
    assert [(e.text, e.event_id, e.fields) for e in batch.events or ()] == [
        ('{"event_id": "a", "x": 1}', "a", 2),
        ("5", None, 0),
        ('{"event_id": 7}', 7, 1),
    ]


async def test_events_that_are_not_a_list_are_left_to_the_schema():
    assert await read('{"events": "none"}') == RawBatch({"events": "none"}, None)


async def test_events_given_twice_take_the_last_value():
    assert await read('{"events": [1], "events": 5}') == RawBatch({"events": 5}, None)
    assert (await read('{"events": 5, "events": []}')) == RawBatch({}, [])


async def test_byte_order_mark_is_skipped():
    assert (await read("\ufeff{}".encode())).head == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"events": [1,]}',
        b'{"events": [1 2]}',
        b'{"a": 1} x',
        b"{1: 2}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xff"}',
        b'{"events": ' + b"[" * 100_000,
        b'{"events": [' + b"1," * 600 + b"1]}",
        json.dumps({f"field-{n}": n for n in range(100)}).encode(),
    ],
    ids=lambda raw: repr(raw[:20]),
)
async def test_batch_that_is_malformed_is_rejected(raw: bytes):
    with pytest.raises(Invalid):
        await read(raw)


async def test_number_of_thousands_of_digits_does_not_affect_other_events():
    batch = await read('{"events": [' + "9" * 5_000 + ", 1]}")

    assert [len(event.text) for event in batch.events or ()] == [5_000, 1]
