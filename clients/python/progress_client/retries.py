"""When to send a request again."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import httpx

RETRIES = 3
MAX_RETRY_WAIT_SECONDS = 30.0
FIRST_WAIT_SECONDS = 0.5  # Doubled each time, where the response names no time.
RETRIED = frozenset({429, 503})


def wait_before_retry(
    response: httpx.Response, attempt: int, *, retries: int, max_wait_seconds: float
) -> float | None:
    """Seconds to wait before the request is sent again; `None`: it is not.

    Args:
        response: the latest response.
        attempt: how many retries there were, counted from 0.
        retries: how many there may be.
        max_wait_seconds: a longer wait is left to the caller.
    """
    if response.status_code not in RETRIED or attempt >= retries:
        return None
    named = retry_after_seconds(response.headers.get("Retry-After", ""))
    wait_seconds = FIRST_WAIT_SECONDS * 2**attempt if named is None else named
    return wait_seconds if wait_seconds <= max_wait_seconds else None


def retry_after_seconds(value: str) -> float | None:
    """A number of seconds or a date (RFC 9110, section 10.2.3); `None` for neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())
