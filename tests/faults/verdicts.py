"""The end of every fault: the history held against the API and the database."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS

from .history import History, Verdict, check
from .learners import Course, a_client, read_back
from .replica_set import ReplicaSet
from .service import Service, bearer

HEALTHY_SECONDS = 30.0


async def hold(history: History, service: Service, replica_set: ReplicaSet, course: Course) -> str:
    """Nothing acknowledged is lost, nothing invented or doubled, and the API says the same.

    Returns:
        The sizes of the history, for the report.
    """
    await until_healthy(service)
    deadline = time.monotonic() + HEALTHY_SECONDS
    while True:
        statuses = await read_back(service, history.keys())
        await _read_courses(service, course)
        rows, enrollments = await asyncio.to_thread(_stored, replica_set, course)
        verdict = check(history, rows)
        _compare_statuses(verdict, rows, statuses)
        _compare_enrollments(verdict, rows, enrollments, course)
        # A report whose outcome is unknown may still be stored between two readings.
        if verdict.is_clean or time.monotonic() > deadline:
            break

    counts = ", ".join(f"{history.count(o)} {o}" for o in ("ok", "failed", "unknown"))
    sizes = (
        f"{len(history.calls)} reports ({counts}), "
        f"{len(history.entries) - len(history.calls)} readings, {len(rows)} records; "
        f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled, "
        f"{len(verdict.invented)} invented, {len(verdict.shrunk)} shrunk"
    )
    assert history.count("ok") > 0, sizes
    assert verdict.is_clean, f"{sizes}: {verdict}"
    return sizes


async def until_healthy(service: Service) -> None:
    """Wait for ``/readyz``; the service is not restarted."""
    async with asyncio.timeout(HEALTHY_SECONDS):
        while not await asyncio.to_thread(service.is_ready):
            await asyncio.sleep(0.1)


async def _read_courses(service: Service, course: Course) -> None:
    """A read heals what a fault left between record and enrolment."""
    for student_id in course.student_ids:
        async with a_client(service, bearer(student_id, "student")) as http:
            answer = await http.get(f"/api/progress/course/{course.course_id}")
            answer.raise_for_status()


def _stored(
    replica_set: ReplicaSet, course: Course
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](replica_set.uri, tz_aware=True) as mongo:
        database = mongo.get_database("progress", read_concern=ReadConcern("majority"))
        students = {"student_id": {"$in": list(course.student_ids)}}
        return (
            list(database[WATCH_PROGRESS].find(students)),
            list(database[ENROLLMENTS].find({**students, "course_id": course.course_id})),
        )


def _compare_statuses(
    verdict: Verdict, rows: list[dict[str, Any]], statuses: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for row in rows:
        key = row["student_id"], row["material_id"]
        said = statuses[key]
        told = (
            said["watch_time"],
            said["completed"],
            datetime.fromisoformat(said["last_watched"]),
            said["watched_spans"],
        )
        held = (
            row["watch_time"],
            row.get("completed_at") is not None,
            row["last_watched"],
            row.get("watched_spans", []),
        )
        if told != held:
            verdict.lost.append(f"{key}: the API says {told}, the database {held}")


def _compare_enrollments(
    verdict: Verdict,
    rows: list[dict[str, Any]],
    enrollments: list[dict[str, Any]],
    course: Course,
) -> None:
    done = {(r["student_id"], r["material_id"]) for r in rows if r.get("completed_at")}
    for student_id in course.student_ids:
        mine = [e for e in enrollments if e["student_id"] == student_id]
        wanted = [vid for vid in course.video_ids if (student_id, vid) in done]
        if len(mine) != 1:
            verdict.doubled.append(f"{student_id} has {len(mine)} enrolments")
        elif mine[0]["completed_ids"] != wanted:
            verdict.lost.append(f"{student_id} finished {wanted}, not {mine[0]['completed_ids']}")
