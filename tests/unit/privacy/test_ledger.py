"""The ledger of erasures: what is appended is read again, whatever a crash left behind."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import StartupError, Unavailable
from progress_service.privacy.ledger import Ledger

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = [bytes([number]) * 32 for number in range(3)]
entries = st.tuples(
    st.sampled_from([bytes([number]) * 32 for number in range(10, 15)]),
    st.integers(0, 1_000_000).map(lambda ms: NOON + timedelta(milliseconds=ms)),
    st.sampled_from(KEYS),
)
torn = st.sampled_from([b"", b"{", b'{"student": "ab', b"\x00\xff", b'"text"', b"\n\n"])


@given(st.lists(st.tuples(entries, torn), max_size=12))
def test_ledger_has_the_last_erasure_of_each_student(
    written: list[tuple[tuple[bytes, datetime, bytes], bytes]],
):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        expected: dict[bytes, datetime] = {}
        for (student, erased_at, key), rest_of_a_crash in written:
            Ledger(path).append(student, erased_at, key=key)
            expected[student] = max(expected.get(student, erased_at), erased_at)
            with path.open("ab") as file:
                file.write(rest_of_a_crash)

        found = Ledger(path).read()

        assert found.erased == expected
        assert set(found.keys) == {key for (_, _, key), _ in written}


def test_ledger_of_many_writers_loses_nothing(tmp_path: Path):
    students = [number.to_bytes(32, "big") for number in range(200)]

    with ThreadPoolExecutor(8) as threads:
        ledgers = [Ledger(tmp_path / "ledger") for _ in students]
        appended = [
            threads.submit(ledger.append, student, NOON, key=KEYS[0])
            for ledger, student in zip(ledgers, students, strict=True)
        ]
        for one in appended:
            one.result()

    assert set(Ledger(tmp_path / "ledger").read().erased) == set(students)
    assert (tmp_path / "ledger").read_text().count('"key"') == 1
    assert (tmp_path / "ledger").stat().st_mode & 0o077 == 0


def test_unusable_ledger_is_an_error_with_its_path(tmp_path: Path):
    ledger = Ledger(tmp_path / "missing" / "ledger")

    with pytest.raises(StartupError, match="missing/ledger"):
        ledger.read()
    with pytest.raises(Unavailable, match="ledger"):
        ledger.append(b"s" * 32, NOON, key=KEYS[0])
    with pytest.raises(Unavailable, match="ledger"):
        ledger.require_writable()
