"""Which caller may make which call: the observed outcomes, compared with a reviewed table.

``python -m tests.security.access_matrix`` rewrites ``access_matrix.json``; review its diff.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import httpx
from fastapi import FastAPI

from progress_service.app import create_app
from progress_service.demo.course import COURSE, SANDBOX, STUDENT_ID, TEACHER_ID
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.mongod import private_mongod
from progress_service.observability.logging import configure_logging
from progress_service.privacy import erasure, erasure_worker
from tests.builders import a_settings, a_token, a_webhook_body, bearer
from tests.conftest import put_course, running
from tests.operations import ALL, Operation, body_of, example_of, queries
from tests.security.checksums import checksum
from tests.security.hostile_tokens import claiming, signed
from tests.security.sockets import ADDRESSES, outcome_of_first_frame

TABLE = Path(__file__).with_name("access_matrix.json")
Matrix = dict[str, dict[str, str]]
"""Operation → caller → the status, and the code of a problem."""

ENROLLED, NOT_ENROLLED, TEACHER, OTHER_TEACHER = STUDENT_ID, "eve", TEACHER_ID, "other-teacher"


def _with_roles(subject: str, *roles: str) -> str:
    return claiming(sub=subject, role=..., roles=list(roles))


CALLERS: dict[str, Callable[[], str | None]] = {
    "nobody": lambda: None,
    "forged token": lambda: signed(
        {"sub": ENROLLED, "role": "student", "exp": 2**32}, secret=b"x" * 32
    ),
    "expired token": lambda: claiming(sub=ENROLLED, iat=1, exp=2),
    "token without a role": lambda: claiming(sub=ENROLLED, role=...),
    "student, enrolled": lambda: a_token(ENROLLED),
    "student, not enrolled": lambda: a_token(NOT_ENROLLED),
    "teacher of the course": lambda: a_token(TEACHER, "teacher"),
    "other teacher": lambda: a_token(OTHER_TEACHER, "teacher"),
    "service": lambda: a_token("importer", "service"),
    "enrolled student and other teacher": lambda: _with_roles(ENROLLED, "student", "teacher"),
    "teacher of the course and student, not enrolled": lambda: _with_roles(
        TEACHER, "student", "teacher"
    ),
    "other teacher and service": lambda: _with_roles(OTHER_TEACHER, "teacher", "service"),
}
"""Caller → token. The ids are those of the examples, so that these fit the caller's course."""


_MATERIALS_OF_EXAMPLES = {
    material_id
    for operation in ALL
    for material_id in re.findall(r'"material_id": "([^"]+)"', json.dumps(example_of(operation)))
}
"""A material belongs to one course, so each course needs its own ids."""


@contextmanager
def short_fence() -> Iterator[None]:
    """Erasures that take little time: no other process writes about the student."""
    with (
        mock.patch.object(erasure, "FENCE_SECONDS", 0.05),
        mock.patch.object(erasure_worker, "POLL_SECONDS", 0.05),
    ):
        yield


class AccessProbe:
    """Makes each call on a new course, since calls change and remove courses."""

    def __init__(self, app: FastAPI, database: Database) -> None:
        self._app = app
        self._database = database
        self._number = 0
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def row_of(self, operation: Operation) -> dict[str, str]:
        """The outcome for each caller."""
        return {
            caller: await self._cell(operation, make_token())
            for caller, make_token in CALLERS.items()
        }

    async def socket_row_of(self, address: str) -> dict[str, str]:
        """The outcome of each caller's first frame: ``ready``, or a close code."""
        row = {}
        for caller, make_token in CALLERS.items():
            frame = {"type": "auth", "token": make_token()}
            row[caller] = await outcome_of_first_frame(self._app, address, frame)
        return row

    async def _cell(self, operation: Operation, token: str | None) -> str:
        if operation.path.endswith("/erasure"):  # there is one to follow
            await self._erase_students()
        rename = await self._new_course()
        await self._put_webhook()
        body = body_of(operation)
        text = body["content"] if "content" in body else json.dumps(body["json"])
        before = await checksum(self._database)
        async with self._client(token) as client:
            response = await client.request(
                operation.method,
                rename(operation.address),
                params=queries(operation),
                content=rename(text) if operation.content else None,
                headers=body.get("headers", {"Content-Type": "application/json"}),
            )
        if response.status_code == httpx.codes.ACCEPTED:  # nobody can be enrolled meanwhile
            await self._erase_students()
        if response.is_success:
            return str(response.status_code)
        changed = (
            "" if await checksum(self._database) == before else ", although it changed something"
        )
        return f"{response.status_code} {response.json()['code']}{changed}"

    async def _new_course(self) -> Callable[[str], str]:
        """Store the demo courses under new ids; returns a function that replaces ids in a text."""
        self._number += 1
        new_ids = {
            old: f"{old}-{self._number}"
            for old in (
                COURSE.course_id,
                SANDBOX.course_id,
                *(material.material_id for material in COURSE.materials),
                *_MATERIALS_OF_EXAMPLES,
            )
        }

        def rename(text: str) -> str:
            for old, new in new_ids.items():
                text = text.replace(f'"{old}"', f'"{new}"')
                text = "/".join(new if part == old else part for part in text.split("/"))
            return text

        async with self._client(a_token("importer", "service")) as service:
            for course, students in ((COURSE, (ENROLLED,)), (SANDBOX, ())):
                body = {
                    "title": course.title,
                    "teacher_ids": [TEACHER],
                    "materials": [
                        {
                            "material_id": new_ids[material.material_id],
                            "type": material.type,
                            "title": material.title,
                            "duration_seconds": material.duration_seconds,
                        }
                        for material in course.materials
                    ],
                }
                await put_course(service, new_ids[course.course_id], body, students=students)
        return rename

    async def _erase_students(self) -> None:
        """Erase every caller who is a student, and wait until that is done."""
        async with self._client(a_token("importer", "service")) as service:
            for student_id in (ENROLLED, NOT_ENROLLED, TEACHER):
                address = f"/api/progress/students/{student_id}"
                with short_fence():
                    while (await service.delete(address)).raise_for_status().status_code != 200:
                        await asyncio.sleep(0.02)

    async def _put_webhook(self) -> None:
        """Store the webhook of the examples, which an earlier call may have removed."""
        async with self._client(a_token("importer", "service")) as service:
            body = a_webhook_body()
            (await service.put("/api/webhooks/certificates", json=body)).raise_for_status()

    def _client(self, token: str | None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport,
            base_url="http://service",
            headers=bearer(token) if token else {},
        )


async def observed(app: FastAPI, database: Database) -> Matrix:
    """The whole matrix, observed on the running *app*."""
    probe = AccessProbe(app, database)
    # What was observed before an erasure is rejected afterwards, so the erasures come last.
    in_order = sorted(ALL, key=lambda one: "eras" in one.described["operationId"].lower())
    rows = {str(operation): await probe.row_of(operation) for operation in in_order}
    matrix = {str(operation): rows[str(operation)] for operation in ALL}
    return matrix | {f"WS {address}": await probe.socket_row_of(address) for address in ADDRESSES}


def reviewed() -> Matrix:
    """The table that is checked in."""
    matrix: Matrix = json.loads(TABLE.read_text())
    return matrix


async def _observe_in(mongodb_uri: str) -> Matrix:
    async with open_database(mongodb_uri, "access_matrix") as database:
        await schema.prepare(database)
        settings = a_settings(mongodb_uri=mongodb_uri, mongodb_database=database.name)
        async with running(create_app(settings)) as app:
            return await observed(app, database)


def main() -> None:
    """Write the table."""
    configure_logging("json")
    logging.disable(logging.WARNING)  # Half of the calls are rejected, and each would log a line.
    with tempfile.TemporaryDirectory() as folder, private_mongod(Path(folder)) as uri:
        matrix = asyncio.run(_observe_in(uri))
    TABLE.write_text(json.dumps(matrix, indent=1) + "\n")


if __name__ == "__main__":
    main()
