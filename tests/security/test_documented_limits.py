"""docs/security.md lists each limit with the number that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from progress_service import serving
from progress_service.analytics import store as analytics
from progress_service.catalog import course_list
from progress_service.catalog import routes as catalog
from progress_service.domain import intervals, progress, webhooks
from progress_service.edge import concurrency, deadlines, problems, token_verifier
from progress_service.gradebook import page_reading
from progress_service.gradebook import routes as gradebook
from progress_service.imports import csv_table, limiter, tables
from progress_service.live import hub, sockets
from progress_service.mongo import batcher
from progress_service.offline import routes as offline
from progress_service.privacy import store as export
from progress_service.progress import session_forms
from progress_service.settings import Settings
from progress_service.webhooks import sender
from progress_service.xapi import destination, record_store
from progress_service.xapi import routes as xapi
from progress_service.xapi import service as xapi_service
from tests.operations import DOCUMENT
from tests.security import hostile_tokens

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
LIMITS = PAGE.split("\n## Limits\n")[1].split("\n## ")[0]


def row_of(what: str) -> str:
    """The line of the table that begins with *what*."""
    return next(line for line in LIMITS.splitlines() if line.startswith(f"| {what}"))


def text_of(number: float) -> str:
    """As the page writes numbers: 10 000, 5.5."""
    return f"{number:,g}".replace(",", " ")


def rate_of(setting: str) -> str:
    """The default of a setting like ``50/second``, as the page writes it."""
    amount = str(Settings.model_fields[setting].default).partition("/")[0]
    return text_of(float(amount))


def default_of(setting: str) -> object:
    """The default of *setting*."""
    return Settings.model_fields[setting].default


def max_items(schema: str, field: str) -> int:
    found: int = DOCUMENT["components"]["schemas"][schema]["properties"][field]["maxItems"]
    return found


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("body", f"{problems.MAX_BODY_BYTES // 1_048_576} MiB"),
        ("body", f"{problems.MAX_LARGE_BODY_BYTES // 1_048_576} MiB for a course"),
        ("body", "8 MiB for a course and for an import"),
        ("row of an import", f"{text_of(tables.MAX_ROW_BYTES)} bytes"),
        ("row of an import", f"{text_of(csv_table.MAX_RECORD_CHARACTERS)} characters"),
        ("row of an import", f"{csv_table.MAX_RECORD_LINES} lines"),
        ("imports of one service", f"{limiter.MAX_IMPORTS_AT_ONCE} under way"),
        ("imports of one service", f"{limiter.MAX_WAITING_IMPORTS} waiting"),
        ("idle connection", f"`KEEP_ALIVE_SECONDS`, {default_of('keep_alive_seconds')} s"),
        ("first byte of a response", f"{text_of(deadlines.RESPONSE_SECONDS)} s"),
        ("documents of an export", f" {export.DOCUMENTS_AT_ONCE};"),
        ("a page of a gradebook", f"{text_of(gradebook.MAX_LISTED)} students"),
        ("a page of a gradebook", f"about {text_of(page_reading.MAX_RECORDS)} records"),
        ("calls of one user", f"{concurrency.MAX_ACTIVE_CALLS} under way"),
        ("calls of one user", f"{concurrency.MAX_WAITING_CALLS} waiting"),
        ("calls of one student or teacher", f"`READ_RATE`, {rate_of('read_rate')} a second"),
        ("calls of one service", f"`SERVICE_RATE`, {rate_of('service_rate')} a second"),
        ("updates of one video", f"`WATCH_TIME_RATE`, {rate_of('watch_time_rate')} a second"),
        ("offline events", f"{rate_of('events_rate')} at once"),
        ("offline events", f"{offline.MAX_EVENTS} in a call"),
        ("sockets of one student", f" {hub.MAX_SOCKETS_A_STUDENT} "),
        ("first frame", f"within {text_of(sockets.FIRST_FRAME_SECONDS)} s"),
        ("frame from a client", f"{serving.MAX_FRAME_BYTES // 1_024} KiB"),
        ("states waiting", f"{text_of(hub.MAX_PENDING)}, and {text_of(hub.SEND_SECONDS)} s"),
        ("spans in a report", f"{progress.MAX_PLAYED_SPANS}; {intervals.MAX_STORED_SPANS}"),
        ("videos in a batch", f"{max_items('VideoIds', 'video_ids')};"),
        ("videos in a batch", f"{text_of(max_items('StudentIds', 'student_ids'))};"),
        ("videos in a batch", f"{text_of(max_items('CourseBody', 'materials'))} "),
        ("list of courses", f"{catalog.MAX_LISTED};"),
        ("list of courses", f"{course_list.MAX_READ_BYTES // 1_048_576} MiB"),
        (
            "analytics: learners",
            f"`ANALYTICS_MIN_LEARNERS`, {default_of('analytics_min_learners')}",
        ),
        ("analytics: time", f"{text_of(100 * analytics.SHARE_OF_DATABASE)} % for"),
        ("analytics: time", f"{text_of(analytics.BURST_SECONDS)} s at once"),
        ("analytics: sessions", f"the {session_forms.MAX_SESSIONS} newest"),
        ("webhooks;", f"{webhooks.MAX_WEBHOOKS}; {sender.MAX_CONCURRENT} at once"),
        ("webhooks;", f"within {text_of(sender.REQUEST_SECONDS)} s"),
        ("response of a receiver", f"{sender.MAX_BODY_BYTES // 1_024} KiB"),
        ("xAPI statements", f"{xapi.MAX_LISTED}; {text_of(xapi_service.MAX_RECORDS)}"),
        ("xAPI: statements in a request", f"{destination.MAX_BATCH};"),
        ("xAPI: statements in a request", f"{text_of(record_store.REQUEST_SECONDS)} s"),
        ("updates waiting", f"{text_of(batcher.MAX_QUEUED)} in a process"),
    ],
)
def test_limit_is_documented_with_its_number(what: str, limit: str):
    assert limit in row_of(what)


def test_hostile_token_count_and_maximum_token_length_are_documented():
    assert f"{len(hostile_tokens.tokens())} hostile tokens" in PAGE
    assert f"more than {token_verifier.MAX_TOKEN_CHARACTERS}\n" in PAGE
