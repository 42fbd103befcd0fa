"""Checks after every fault: the history against the API and the database."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from progress_service.testing import ServiceProcess

from .history import Differences, History, check
from .learners import Course, a_client, read_back
from .replica_set import ReplicaSet

HEALTHY_SECONDS = 30.0


async def assert_consistent(
    history: History, service: ServiceProcess, replica_set: ReplicaSet, course: Course
) -> str:
    """Assert that nothing acknowledged is lost, nothing is invented or doubled, and the API agrees.

    Returns:
        The sizes of the history and the number of differences, as text.
    """
    await until_healthy(service)
    deadline = time.monotonic() + HEALTHY_SECONDS
    while True:
        statuses = await read_back(service, history.keys())
        await _read_courses(service, course)
        rows, enrollments = await asyncio.to_thread(_stored, replica_set, course)
        differences = check(history, rows)
        _compare_statuses(differences, rows, statuses)
        _compare_enrollments(differences, rows, enrollments, course)
        # A report whose outcome is unknown may still be stored between two readings.
        if differences.is_clean or time.monotonic() > deadline:
            break

    counts = ", ".join(f"{history.count(o)} {o}" for o in ("ok", "failed", "unknown"))
    sizes = (
        f"{len(history.calls)} reports ({counts}), "
        f"{len(history.entries) - len(history.calls)} readings, {len(rows)} records; "
        f"{len(differences.lost)} lost, {len(differences.doubled)} doubled, "
        f"{len(differences.invented)} invented, {len(differences.shrunk)} shrunk"
    )
    assert history.count("ok") > 0, sizes
    assert differences.is_clean, f"{sizes}: {differences}"
    return sizes


async def until_healthy(service: ServiceProcess) -> None:
    """Wait for ``/readyz``; the service is not restarted."""
    async with asyncio.timeout(HEALTHY_SECONDS):
        while not await asyncio.to_thread(service.is_ready):
            await asyncio.sleep(0.1)


async def _read_courses(service: ServiceProcess, course: Course) -> None:
    """A read repairs enrolments that a fault has left stale."""
    for student_id in course.student_ids:
        async with a_client(service, service.headers(student_id, "student")) as http:
            response = await http.get(f"/api/progress/course/{course.course_id}")
            response.raise_for_status()


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
    differences: Differences,
    rows: list[dict[str, Any]],
    statuses: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for row in rows:
        key = row["student_id"], row["material_id"]
        status = statuses[key]
        returned = (
            status["watch_time"],
            status["completed"],
            datetime.fromisoformat(status["last_watched"]),
            status["watched_spans"],
        )
        stored = (
            row["watch_time"],
            row.get("completed_at") is not None,
            row["last_watched"],
            row.get("watched_spans", []),
        )
        if returned != stored:
            differences.lost.append(f"{key}: the API returns {returned}, the database has {stored}")


def _compare_enrollments(
    differences: Differences,
    rows: list[dict[str, Any]],
    enrollments: list[dict[str, Any]],
    course: Course,
) -> None:
    completed = {(r["student_id"], r["material_id"]) for r in rows if r.get("completed_at")}
    for student_id in course.student_ids:
        found = [e for e in enrollments if e["student_id"] == student_id]
        expected = [vid for vid in course.video_ids if (student_id, vid) in completed]
        if len(found) != 1:
            differences.doubled.append(f"{student_id} has {len(found)} enrolments")
        elif found[0]["completed_ids"] != expected:
            differences.lost.append(
                f"{student_id} completed {expected}, not {found[0]['completed_ids']}"
            )
