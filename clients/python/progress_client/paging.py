"""Read calls that return a page at a time, to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol, TypeVar

from .types import UNSET, Unset


class Page(Protocol):
    """What a call with the parameter `after` returns."""

    next_: str | None
    """The `after` of the next page; `None` on the last one."""


AnyPage = TypeVar("AnyPage", bound=Page)


def iterate_pages(read: Callable[[str | Unset], AnyPage]) -> Iterator[AnyPage]:
    """All pages; *read* returns the one that begins after its argument."""
    after: str | Unset = UNSET
    while True:
        page = read(after)
        yield page
        if page.next_ is None:
            return
        after = page.next_


async def aiterate_pages(
    read: Callable[[str | Unset], Awaitable[AnyPage]],
) -> AsyncIterator[AnyPage]:
    """Like `iterate_pages`."""
    after: str | Unset = UNSET
    while True:
        page = await read(after)
        yield page
        if page.next_ is None:
            return
        after = page.next_
