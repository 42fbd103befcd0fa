"""A course with two videos and a reading, in which students are enrolled."""

from __future__ import annotations

import pytest

from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.mongo.client import Database
from tests.builders import NOON, a_course

COURSE_ID = "react"


@pytest.fixture(autouse=True)
async def course(database: Database) -> None:
    store = CoursesStore(database, default_percent=80)
    await store.put_course(a_course(COURSE_ID), permit=None, at=NOON)


async def enroll(database: Database, *students: str) -> None:
    """Enrol *students* in the course."""
    await EnrollmentsStore(database).enroll(COURSE_ID, students, at=NOON)
