"""A worker's services with a gradebook, and a client that holds a copy of it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field

from progress_service.catalog.enrollment_activity import REPEAT_SECONDS, EnrollmentActivity
from progress_service.domain.gradebook import GradebookCursor, GradebookRow, PagePosition
from progress_service.gradebook.page_reading import GradebookPage
from progress_service.gradebook.service import GradebookService
from progress_service.gradebook.store import GradebookStore
from progress_service.mongo.client import Database
from progress_service.progress.merge import Change
from progress_service.progress.store import ProgressStore
from tests.composition import Composition, compose


@dataclass(frozen=True)
class Worker:
    """The services of one process; its records note activity."""

    services: Composition
    progress: ProgressStore
    gradebook: GradebookService


def a_worker(database: Database, *, repeat_seconds: float = REPEAT_SECONDS) -> Worker:
    """A new process."""
    services = compose(database)
    activity = EnrollmentActivity(database, repeat_seconds=repeat_seconds)

    def note(changes: Iterable[Change]) -> Awaitable[None] | None:
        return activity.note((change.student_id, change.course_id) for change in changes)

    return Worker(
        services=services,
        progress=ProgressStore(database, on_storing=note),
        gradebook=GradebookService(
            GradebookStore(database), services.catalog, repair_totals=services.totals.repair
        ),
    )


@dataclass
class Copy:
    """What another service holds of a course: the rows, and where it has read up to."""

    course_id: str
    rows: dict[str, GradebookRow] = field(default_factory=dict)
    cursor: GradebookCursor | None = None
    _next: PagePosition | None = None

    async def read_page(self, gradebook: GradebookService, *, limit: int = 100) -> GradebookPage:
        """Read the next page of the list, or the first page of a new one."""
        page = await gradebook.page(
            self.course_id, limit=limit, after=self._next, changed_since=self.cursor
        )
        for student_id in page.ended_ids:
            self.rows.pop(student_id, None)
        self.rows |= {row.student_id: row for row in page.rows}
        self._next = page.next
        if page.next is None:
            self.cursor = GradebookCursor.decode(page.cursor.encode(), course_id=self.course_id)
        return page

    async def read_list(self, gradebook: GradebookService, *, limit: int = 100) -> list[str]:
        """Read all pages of a list; the ids of the students it has, in order."""
        ids = [row.student_id for row in (await self.read_page(gradebook, limit=limit)).rows]
        while self._next is not None:
            page = await self.read_page(gradebook, limit=limit)
            ids += [row.student_id for row in page.rows]
        return ids
