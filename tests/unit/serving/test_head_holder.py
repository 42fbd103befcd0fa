"""The head of an answer waits for the first of its body, and never for longer than the answer."""

from __future__ import annotations

import pytest

from progress_service.serving.head_holder import HeadHolder

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """What a transport was told, in order."""

    def __init__(self) -> None:
        self.said: list[bytes | str] = []

    def write(self, some: bytes) -> None:
        self.said.append(some)

    def close(self) -> None:
        self.said.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.said


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def holder(wire: Wire) -> HeadHolder:
    return HeadHolder(wire)  # type: ignore[arg-type]


def test_head_and_body_leave_together(holder: HeadHolder, wire: Wire):
    holder.write(HEAD)
    holder.write(b"{}")

    assert wire.said == [HEAD + b"{}"]


def test_what_follows_leaves_at_once(holder: HeadHolder, wire: Wire):
    for some in (HEAD, b"a", b"b"):
        holder.write(some)

    assert wire.said == [HEAD + b"a", b"b"]


def test_a_head_alone_leaves_with_the_end_of_its_answer(holder: HeadHolder, wire: Wire):
    holder.write(HEAD)
    holder.flush()
    holder.flush()

    assert wire.said == [HEAD]


def test_nothing_is_lost_when_the_connection_closes(holder: HeadHolder, wire: Wire):
    holder.write(HEAD)
    holder.close()

    assert wire.said == [HEAD, "closed"]
    assert holder.is_closing()


def test_who_waits_to_be_asked_for_the_body_is_asked_at_once(holder: HeadHolder, wire: Wire):
    holder.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert wire.said == [b"HTTP/1.1 100 Continue\r\n\r\n"]
