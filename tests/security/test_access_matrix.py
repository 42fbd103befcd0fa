"""Every operation × every kind of caller answers as the reviewed table says.

After a change that is meant: ``python -m tests.security.access_matrix``, then review the diff.
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
SUCCESS = ("200", "204", "ready")


def test_the_table_has_a_row_for_each_operation_and_no_other():
    assert list(TABLE) == [*map(str, ALL), *(f"WS {address}" for address in ADDRESSES)]


def test_each_row_has_a_cell_for_each_caller():
    assert [row for row, cells in TABLE.items() if list(cells) != list(CALLERS)] == []


@pytest.mark.parametrize("operation", ALL, ids=str)
async def test_each_operation_answers_each_caller_as_reviewed(
    app: FastAPI, database: Database, operation: Operation
):
    """A cell also says if a refused call changed anything, and no reviewed one does."""
    assert await AccessProbe(app, database).row_of(operation) == TABLE[str(operation)]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_each_socket_answers_each_caller_as_reviewed(
    app: FastAPI, database: Database, address: str
):
    assert await AccessProbe(app, database).socket_row_of(address) == TABLE[f"WS {address}"]


# -- what no review may change -----------------------------------------------------------------


def test_the_table_lets_nobody_in_without_an_identity():
    rows = {str(operation) for operation in GUARDED} | {f"WS {address}" for address in ADDRESSES}

    let_in = {
        (row, caller): TABLE[row][caller]
        for row in rows
        for caller in WITHOUT_IDENTITY
        if not TABLE[row][caller].startswith("401") and TABLE[row][caller] not in ("4400", "4401")
    }

    assert let_in == {}


def test_the_table_lets_a_student_change_nothing_in_the_catalogue():
    cells = [
        TABLE[str(operation)][caller]
        for operation in GUARDED
        if operation.path.startswith("/api/catalog") and operation.method != "get"
        for caller in ("student, enrolled", "student, not enrolled")
    ]

    assert set(cells) == {"403 wrong_role"}


def test_the_table_shows_each_operation_to_somebody():
    """A row without a success would compare refusals only, and prove nothing."""
    closed = [row for row, cells in TABLE.items() if not set(cells.values()) & set(SUCCESS)]

    assert closed == []


# -- one student's data in no answer to another ------------------------------------------------

LEARNERS_READS = (
    "/api/progress/video/intro/status",
    "/api/progress/video/intro/resume",
    "/api/progress/course/react",
    "/api/progress/courses",
    "/api/progress/continue-watching",
    "/api/progress/changes",
)
ODD_POSITION = 47.1179


async def test_no_answer_to_one_student_holds_another_students_position(
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

    answers = {}
    for student in ("ana", "ben"):
        client = caller(student)
        found = [await client.get(path) for path in LEARNERS_READS]
        found.append(await client.post("/api/progress/videos/batch", json={"video_ids": ["intro"]}))
        assert {answer.status_code for answer in found} == {200}
        answers[student] = json.dumps([answer.json() for answer in found])

    assert str(ODD_POSITION) in answers["ana"]
    assert str(ODD_POSITION) not in answers["ben"]
    assert device_id not in answers["ben"]
