"""CSV tables: quotes, delimiters, encodings, and records that are broken."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import Invalid
from progress_service.imports.csv_table import (
    MAX_RECORD_CHARACTERS,
    MAX_RECORD_LINES,
    Cells,
    CsvTable,
)

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def records_of(content: bytes, **given: str) -> list[Cells | Invalid]:
    return list(CsvTable(io.BytesIO(content), **given))


def is_rejected(content: bytes) -> list[bool]:
    return [isinstance(record, Invalid) for record in records_of(content)]


@given(rows=st.lists(st.tuples(cells, cells), max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_table_is_read_as_it_was_written(rows: list[tuple[str, str]], delimiter: str):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two"])
    writer.writerows(rows)

    found = records_of(text.getvalue().encode())

    written = [{"one": one.strip(), "two": two.strip()} for one, two in rows]
    assert found == [row for row in written if any(row.values())]


@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_rejected(content: bytes):
    for start in (b"", b"a,b\n"):
        with suppress(Invalid):
            assert all(isinstance(one, dict | Invalid) for one in records_of(start + content))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_mark_and_line_ends_are_no_part_of_cells(mark: bytes, line_end: bytes):
    content = mark + line_end.join([b"a;b", b'1;"x;y"', b"", b"2;"])

    assert records_of(content) == [{"a": "1", "b": "x;y"}, {"a": "2", "b": ""}]


def test_cell_may_have_line_breaks():
    assert records_of(b'a,b\n1,"x\ny"\n2,z') == [{"a": "1", "b": "x\ny"}, {"a": "2", "b": "z"}]


@pytest.mark.parametrize("lines_after", [1, MAX_RECORD_LINES + 5])
def test_unclosed_quote_spoils_its_line_only(lines_after: int):
    content = b'a,b\n1,"x\n' + b"2,y\n" * lines_after

    assert is_rejected(content) == [True, *[False] * lines_after]


def test_long_line_spoils_itself_only():
    content = b"a,b\n1," + b"x" * 3 * MAX_RECORD_CHARACTERS + b"\n2,y\n"

    assert is_rejected(content) == [True, False]


def test_record_with_another_number_of_cells_is_rejected():
    assert is_rejected(b"a,b\n1\n1,2\n1,2,3\n") == [True, False, True]


def test_undecodable_record_is_rejected_and_another_encoding_reads_it():
    content = "a,b\nJosé,1\nAna,2\n".encode("cp1252")

    assert is_rejected(content) == [True, False]
    assert records_of(content, encoding="cp1252")[0] == {"a": "José", "b": "1"}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,a\n", b'"a,b\n1,2\n'])
def test_table_without_a_usable_header_is_rejected(content: bytes):
    with pytest.raises(Invalid, match="header"):
        records_of(content)
