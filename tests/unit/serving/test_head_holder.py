"""The head of a response is buffered until the body starts or the response ends."""

from __future__ import annotations

import pytest

from progress_service.serving.head_holder import HeadHolder

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class FakeTransport:
    """A transport that records its calls in order."""

    def __init__(self) -> None:
        self.calls: list[bytes | str] = []

    def write(self, some: bytes) -> None:
        self.calls.append(some)

    def close(self) -> None:
        self.calls.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.calls


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def holder(transport: FakeTransport) -> HeadHolder:
    return HeadHolder(transport)  # type: ignore[arg-type]


def test_head_and_body_are_written_together(holder: HeadHolder, transport: FakeTransport):
    holder.write(HEAD)
    holder.write(b"{}")

    assert transport.calls == [HEAD + b"{}"]


def test_body_after_the_head_is_written_at_once(holder: HeadHolder, transport: FakeTransport):
    for some in (HEAD, b"a", b"b"):
        holder.write(some)

    assert transport.calls == [HEAD + b"a", b"b"]


def test_head_without_a_body_is_written_at_the_end_of_its_response(
    holder: HeadHolder, transport: FakeTransport
):
    holder.write(HEAD)
    holder.flush()
    holder.flush()

    assert transport.calls == [HEAD]


def test_head_is_written_when_the_connection_closes(holder: HeadHolder, transport: FakeTransport):
    holder.write(HEAD)
    holder.close()

    assert transport.calls == [HEAD, "closed"]
    assert holder.is_closing()


def test_head_of_100_continue_is_written_at_once(holder: HeadHolder, transport: FakeTransport):
    holder.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert transport.calls == [b"HTTP/1.1 100 Continue\r\n\r\n"]
