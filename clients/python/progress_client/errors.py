"""What a call raises when the service, or a proxy before it, sends what nobody expects."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

MAX_CHARACTERS_SHOWN = 500


class UnexpectedStatus(Exception):
    """The status is none that the call documents, or it is 500: a fault of the service."""

    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(f"unexpected status {status_code}: {_shown(content)}")


class UnexpectedResponse(UnexpectedStatus):
    """The status is documented, but the body is not what comes with it: a page of a proxy, say."""

    def __init__(self, status_code: int, content: bytes) -> None:
        Exception.__init__(
            self,
            f"the response with status {status_code} is not one of the service; "
            f"is a proxy in between? {_shown(content)}",
        )
        self.status_code = status_code
        self.content = content


@contextmanager
def unexpected_responses(response: httpx.Response) -> Iterator[None]:
    """Turn whatever goes wrong while *response* is read into `UnexpectedResponse`."""
    try:
        yield
    except UnexpectedStatus:
        raise
    except Exception as error:
        raise UnexpectedResponse(response.status_code, response.content) from error


def _shown(content: bytes) -> str:
    text = content.decode(errors="replace")
    return repr(
        text if len(text) <= MAX_CHARACTERS_SHOWN else f"{text[:MAX_CHARACTERS_SHOWN]}…"
    )


__all__ = ["UnexpectedResponse", "UnexpectedStatus", "unexpected_responses"]
