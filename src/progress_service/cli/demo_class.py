"""Stores the learners of the demo class, by the rules that apply to every learner.

Records come first and enrolments last. So a learner who is enrolled is complete: a run that was
stopped may be repeated, and repeating a complete one changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore as CatalogCoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.demo.believable_class import Learner
from progress_service.demo.course import COURSE_ID
from progress_service.domain.catalog import Course
from progress_service.mongo.client import Database
from progress_service.outbox.store import OutboxStore
from progress_service.progress.ingest import MAX_CHANGES_IN_COMMAND
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.service import CompletionChanged
from progress_service.progress.store import ProgressStore
from progress_service.progress.write_errors import NeedsReplacing

MAX_TOTALS_AT_ONCE = 8


async def store_class(
    database: Database, learners: Sequence[Learner], *, default_percent: float
) -> int:
    """Store those of *learners* who are not enrolled in the demo course; return their number.

    Args:
        database: has the demo course.
        learners: the class.
        default_percent: the threshold of videos that have none of their own.

    Raises:
        Unavailable: the outcome is unknown; repeating is harmless.
    """
    store, enrollments = ProgressStore(database), EnrollmentsStore(database)
    courses = CatalogCoursesStore(database, default_percent=default_percent)
    catalog = CatalogService(courses, enrollments, CatalogCache(), clock=Clock())
    ids = [learner.student_id for learner in learners]
    enrolled = set(await enrollments.enrolled_among(COURSE_ID, ids))
    missing = [learner for learner in learners if learner.student_id not in enrolled]
    if not missing:
        return 0
    course = await catalog.course(COURSE_ID)
    await _save(store, [change for learner in missing for change in changes_of(learner, course)])
    await _enroll(enrollments, missing)
    totals = EnrollmentTotals(
        CoursesStore(enrollments, store), enrollments, add_events=OutboxStore(database).add
    )
    await _update_totals(totals, missing, course)
    return len(missing)


def changes_of(learner: Learner, course: Course) -> Iterator[Change]:
    """What the learner's player and the learner have changed, in order."""
    for visit in learner.visits:
        key = (learner.student_id, visit.material_id, course.course_id)
        if not visit.played:
            yield CompletionMark(*key, done=True, at=visit.started_at)
        for report in visit.reports():
            yield ReportChange(*key, report, course.thresholds[visit.material_id])


async def _save(store: ProgressStore, changes: Sequence[Change]) -> None:
    for start in range(0, len(changes), MAX_CHANGES_IN_COMMAND):
        batch = changes[start : start + MAX_CHANGES_IN_COMMAND]
        for change, outcome in zip(batch, await store.save_many(batch), strict=True):
            if isinstance(outcome, NeedsReplacing) and isinstance(change, ReportChange):
                await store.replace(change)
            elif isinstance(outcome, Exception):
                raise outcome


async def _enroll(enrollments: EnrollmentsStore, learners: Sequence[Learner]) -> None:
    """Enrol them, those of one time together."""
    by_time: defaultdict[datetime, list[str]] = defaultdict(list)
    for learner in learners:
        by_time[learner.enrolled_at].append(learner.student_id)
    for at, student_ids in by_time.items():
        await enrollments.enroll(COURSE_ID, student_ids, at=at)


async def _update_totals(
    totals: EnrollmentTotals, learners: Sequence[Learner], course: Course
) -> None:
    slots = asyncio.Semaphore(MAX_TOTALS_AT_ONCE)

    async def update(learner: Learner) -> None:
        materials = frozenset(visit.material_id for visit in learner.visits)
        async with slots:
            await totals.completion_changed(
                CompletionChanged(learner.student_id, materials, course)
            )

    await asyncio.gather(*(update(learner) for learner in learners if learner.visits))
