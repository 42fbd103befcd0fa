"""Every operation × every kind of caller has the outcome in the reviewed table.

After an intended change: ``python -m tests.security.access_matrix``, then review the diff.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.mongo.client import Database
from tests.conftest import CallerOf
from tests.operations import ALL, GUARDED, Operation
from tests.security.access_matrix import CALLERS, AccessProbe, reviewed
from tests.security.sockets import ADDRESSES

TABLE = reviewed()
WITHOUT_IDENTITY = ("nobody", "forged token", "expired token", "token without a role")
SUCCESS = ("200", "202", "204", "ready")


def test_table_has_one_row_for_each_operation():
    assert sorted(TABLE) == sorted([*map(str, ALL), *(f"WS {address}" for address in ADDRESSES)])


def test_table_rows_have_a_cell_for_each_caller():
    assert [row for row, cells in TABLE.items() if list(cells) != list(CALLERS)] == []


@pytest.mark.parametrize("operation", ALL, ids=str)
async def test_operation_outcomes_match_the_reviewed_table(
    app: FastAPI, database: Database, operation: Operation
):
    """A cell also records whether a rejected call changed anything; in the table none does."""
    assert await AccessProbe(app, database).row_of(operation) == TABLE[str(operation)]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_socket_outcomes_match_the_reviewed_table(
    app: FastAPI, database: Database, address: str
):
    assert await AccessProbe(app, database).socket_row_of(address) == TABLE[f"WS {address}"]


# -- invariants of the table -------------------------------------------------------------------


def test_table_rejects_callers_without_an_identity():
    rows = {str(operation) for operation in GUARDED} | {f"WS {address}" for address in ADDRESSES}

    accepted = {
        (row, caller): TABLE[row][caller]
        for row in rows
        for caller in WITHOUT_IDENTITY
        if not TABLE[row][caller].startswith("401") and TABLE[row][caller] not in ("4400", "4401")
    }

    assert accepted == {}


def test_table_rejects_catalogue_changes_of_students():
    cells = [
        TABLE[str(operation)][caller]
        for operation in GUARDED
        if operation.path.startswith("/api/catalog") and operation.method != "get"
        for caller in ("student, enrolled", "student, not enrolled")
    ]

    assert set(cells) == {"403 wrong_role"}


def test_table_has_no_rejected_call_that_changes_something():
    assert [row for row, cells in TABLE.items() if "although" in str(cells)] == []


def test_table_rows_each_contain_a_success():
    """A row without a success would compare rejections only, which proves nothing."""
    closed = [row for row, cells in TABLE.items() if not set(cells.values()) & set(SUCCESS)]

    assert closed == []


# -- isolation of students ---------------------------------------------------------------------

LEARNER_READS = (
    "/api/progress/video/intro/status",
    "/api/progress/video/intro/resume",
    "/api/progress/course/react",
    "/api/progress/courses",
    "/api/progress/continue-watching",
    "/api/progress/changes",
)
ODD_POSITION = 47.1179


async def test_responses_to_one_student_do_not_contain_the_position_of_another(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    device_id = f"device-{secrets.token_hex(8)}"
    (await service.put("/api/catalog/courses/react/enrollments/ben")).raise_for_status()
    body = {
        "watch_time": ODD_POSITION,
        "total_duration": 600,
        "device_id": device_id,
        "session_id": "evening",
        "played": [[0, ODD_POSITION]],
    }
    report = await caller("ana").post("/api/progress/video/intro/watch-time", json=body)
    report.raise_for_status()

    responses = {}
    for student in ("ana", "ben"):
        client = caller(student)
        student_responses = [await client.get(path) for path in LEARNER_READS]
        student_responses.append(
            await client.post("/api/progress/videos/batch", json={"video_ids": ["intro"]})
        )
        assert {response.status_code for response in student_responses} == {200}
        responses[student] = json.dumps([response.json() for response in student_responses])

    assert str(ODD_POSITION) in responses["ana"]
    assert str(ODD_POSITION) not in responses["ben"]
    assert device_id not in responses["ben"]
