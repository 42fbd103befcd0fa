"""Lines of bounded length."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from progress_service.errors import Invalid
from progress_service.imports.lines import lines_of


@given(content=st.binary(max_size=200), max_bytes=st.integers(1, 20))
def test_lines_are_those_that_splitting_gives(content: bytes, max_bytes: int):
    found = list(lines_of(io.BytesIO(b"x\n" + content), max_bytes=max_bytes))

    expected = [line for line in content.split(b"\n") if line.strip() or len(line) > max_bytes]
    assert len(found) == 1 + len(expected)
    for line, text in zip(found[1:], expected, strict=True):
        if len(text) > max_bytes:
            assert isinstance(line, Invalid)
        else:
            assert line == text.strip()


def test_mark_is_removed_from_the_first_line():
    assert list(lines_of(io.BytesIO(b"\xef\xbb\xbf{}\n{}"), max_bytes=99)) == [b"{}", b"{}"]
