"""Examines installations, and returns what one check found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from progress_service.clock import Clock
from progress_service.doctor.examination import examine
from progress_service.doctor.findings import Finding
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database
from tests.builders import a_settings

STRONG_SECRET = "Qv7mZt2Xc9Lr4Hs8Wn1Kd6Pj3Fb5Gy0TuEaRiOoUw+/k"
Examine = Callable[..., Awaitable[list[Finding]]]


@pytest.fixture
def examined() -> Examine:
    """``await examined(uri=…, clock=…, jwt_secret=…)``: the findings of all checks."""

    async def run(
        *,
        uri: str | None = None,
        clock: Clock | None = None,
        environment: dict[str, str] | None = None,
        **given: Any,
    ) -> list[Finding]:
        settings = a_settings(**{"jwt_secret": STRONG_SECRET, "mongodb_uri": uri, **given})
        return await examine(
            Installation(settings, clock or Clock(), environment=environment or {})
        )

    return run


@pytest.fixture
def found(examined: Examine, database: Database, mongodb_uri: str) -> Examine:
    """``await found("indexes")``: what one check finds in the database of this test."""

    async def run(check: str, **given: Any) -> list[Finding]:
        given = {"uri": mongodb_uri, "mongodb_database": database.name, **given}
        return of_check(check, await examined(**given))

    return run


def of_check(check: str, findings: Sequence[Finding]) -> list[Finding]:
    """The findings of one check."""
    return [finding for finding in findings if finding.check == check]


def only(findings: Sequence[Finding]) -> Finding:
    """The one finding."""
    [finding] = findings
    return finding
