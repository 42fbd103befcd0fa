"""Every call of the service as a method that returns its result, or raises `ProgressError`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

from .api.analytics import get_course_analytics, get_video_analytics
from .api.catalog import (
    delete_course,
    delete_enrollment,
    get_course,
    get_enrollment,
    list_courses,
    list_enrollments,
    put_course,
    put_enrollment,
    put_enrollments,
)
from .api.courses import (
    get_course_progress,
    get_student_course_progress,
    list_my_courses,
)
from .api.gradebook import list_course_students
from .api.health import get_health, get_metrics, get_readiness
from .api.imports import import_progress
from .api.live import get_changes
from .api.offline import post_events
from .api.privacy import (
    erase_my_data,
    erase_student,
    export_my_data,
    export_student_data,
    get_my_erasure,
    get_my_preferences,
    get_student_erasure,
    put_my_preferences,
)
from .api.progress import (
    complete_material,
    complete_student_material,
    get_student_video_status,
    get_video_status,
    get_video_statuses,
    uncomplete_material,
    uncomplete_student_material,
    update_watch_time,
)
from .api.resume import dismiss_card, get_continue_watching, get_resume, restore_card
from .api.webhooks import (
    delete_webhook,
    get_webhook,
    list_webhook_deliveries,
    list_webhooks,
    put_webhook,
    replay_webhook,
    rotate_webhook_secret,
    send_webhook_test,
)
from .api.xapi import list_my_statements, list_student_statements
from .connection import Connection, result_of
from .models.catalog_course import CatalogCourse
from .models.catalog_page import CatalogPage
from .models.changes import Changes
from .models.completion_body import CompletionBody
from .models.continue_watching import ContinueWatching
from .models.course_analytics import CourseAnalytics
from .models.course_body import CourseBody
from .models.course_progress_response import CourseProgressResponse
from .models.course_response import CourseResponse
from .models.course_students import CourseStudents
from .models.delivery_page import DeliveryPage
from .models.delivery_response import DeliveryResponse
from .models.enrollment_page import EnrollmentPage
from .models.enrollment_response import EnrollmentResponse
from .models.enrollments_response import EnrollmentsResponse
from .models.erasure_response import ErasureResponse
from .models.events_body import EventsBody
from .models.events_response import EventsResponse
from .models.get_course_analytics_table import GetCourseAnalyticsTable
from .models.get_video_analytics_table import GetVideoAnalyticsTable
from .models.health import Health
from .models.list_webhook_deliveries_status import ListWebhookDeliveriesStatus
from .models.listed_course import ListedCourse
from .models.mark import Mark
from .models.message import Message
from .models.my_courses import MyCourses
from .models.preferences_body import PreferencesBody
from .models.preferences_response import PreferencesResponse
from .models.registered_webhook import RegisteredWebhook
from .models.replay_body import ReplayBody
from .models.replay_response import ReplayResponse
from .models.report_body import ReportBody
from .models.resume_response import ResumeResponse
from .models.sent_test_event import SentTestEvent
from .models.statements_response import StatementsResponse
from .models.status import Status
from .models.statuses import Statuses
from .models.stored_enrollment_response import StoredEnrollmentResponse
from .models.student_ids import StudentIds
from .models.student_progress import StudentProgress
from .models.video_analytics import VideoAnalytics
from .models.video_ids import VideoIds
from .models.webhook_body import WebhookBody
from .models.webhook_page import WebhookPage
from .models.webhook_response import WebhookResponse
from .models.xapi_statement import XapiStatement
from .paging import aiterate_pages, iterate_pages
from .types import UNSET, File, Unset

AnyProgressClient = TypeVar("AnyProgressClient", bound="ProgressClient")
AnyAsyncProgressClient = TypeVar("AnyAsyncProgressClient", bound="AsyncProgressClient")


class ProgressClient(Connection):
    """Calls the service, and raises `ProgressError` for a request that is not fulfilled.

    Use it as a context manager, or keep one for the whole process. Threads may share it.
    """

    def __enter__(self: AnyProgressClient) -> AnyProgressClient:
        self.client.__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.client.__exit__(*args)

    def complete_material(
        self,
        material_id: str,
    ) -> Mark:
        """Mark as done.

        Mark a material as done by hand, also a reading. Safe to repeat.
        """

        return result_of(
            complete_material.sync_detailed(
                material_id=material_id,
                client=self.client,
            )
        )

    def complete_student_material(
        self,
        student_id: str,
        material_id: str,
        *,
        body: CompletionBody | Unset = UNSET,
    ) -> Mark:
        """Mark a student's material as done.

        For services: mark a material of any type as done for a student. Requires no body.

        The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
        the material is completed now. Of a mark and an unmark, the later call counts, whatever
        `completed_at` is. The `sub` of the service is stored beside the completion.
        """

        return result_of(
            complete_student_material.sync_detailed(
                student_id=student_id,
                material_id=material_id,
                body=body,
                client=self.client,
            )
        )

    def delete_course(
        self,
        course_id: str,
    ) -> None:
        """Remove a course.

        Remove the course. Enrolments and progress are kept in case it is restored.

        One of its teachers, or a service, may restore it; other teachers cannot use its id.
        """

        result_of(
            delete_course.sync_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    def delete_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> None:
        """End an enrolment.

        End the enrolment. The student's progress is kept. Safe to repeat.
        """

        result_of(
            delete_enrollment.sync_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    def delete_webhook(
        self,
        webhook_id: str,
    ) -> None:
        """Remove a webhook.

        Remove the webhook with its deliveries, also those that wait.
        """

        result_of(
            delete_webhook.sync_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    def dismiss_card(
        self,
        course_id: str,
    ) -> None:
        """Dismiss a card.

        Hide the course's card until a new report or mark in the course. Changes no progress.
        """

        result_of(
            dismiss_card.sync_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    def erase_my_data(
        self,
    ) -> ErasureResponse:
        """Erase my data.

        Erase everything that is stored about the student.

        Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
        crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
        the student are rejected with the code `erased`. Afterwards so are reports from before the
        erasure, and all of a student who is not enrolled again.
        """

        return result_of(
            erase_my_data.sync_detailed(
                client=self.client,
            )
        )

    def erase_student(
        self,
        student_id: str,
    ) -> ErasureResponse:
        """Erase a student's data.

        For services: what `eraseMyData` does. It works for every user id, known or not.
        """

        return result_of(
            erase_student.sync_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    def export_my_data(
        self,
    ) -> File:
        """Export my data.

        Everything that is stored about the student, as lines of JSON.

        Each line has a `kind`. The first is the header, and the last, `end`, has the number of lines
        before it: without it the export was cut off and must be repeated. Everything that was
        acknowledged before the request is in it.
        """

        return result_of(
            export_my_data.sync_detailed(
                client=self.client,
            )
        )

    def export_student_data(
        self,
        student_id: str,
    ) -> File:
        """Export a student's data.

        For services: what the student gets from `exportMyData`.

        Of a student about whom nothing is stored, it has only the first and the last line.
        """

        return result_of(
            export_student_data.sync_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    def get_changes(
        self,
        *,
        since: str | Unset = UNSET,
    ) -> Changes:
        """Get what changed since a cursor.

        States, not deltas, so a missed or repeated one is harmless. Without `since`, everything.

        `docs/live.md` describes the frames of `WS /progress`; their schemas are in this document.
        """

        return result_of(
            get_changes.sync_detailed(
                since=since,
                client=self.client,
            )
        )

    def get_continue_watching(
        self,
        *,
        limit: int | Unset = 10,
    ) -> ContinueWatching:
        """Get what to continue with.

        The video in progress of each course, or the next material after a completed one.
        """

        return result_of(
            get_continue_watching.sync_detailed(
                limit=limit,
                client=self.client,
            )
        )

    def get_course(
        self,
        course_id: str,
    ) -> CourseResponse:
        """Get a course.

        The course with its materials. For services, its teachers and its enrolled students.
        """

        return result_of(
            get_course.sync_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    def get_course_analytics(
        self,
        course_id: str,
        *,
        cohort: str | Unset = UNSET,
        table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
    ) -> CourseAnalytics:
        """Get a course's analytics.

        How everyone gets on in a course, for its teachers and for services.

        With `Accept: text/csv` the response is one table.
        """

        return result_of(
            get_course_analytics.sync_detailed(
                course_id=course_id,
                cohort=cohort,
                table=table,
                client=self.client,
            )
        )

    def get_course_progress(
        self,
        course_id: str,
    ) -> CourseProgressResponse:
        """Get a course's progress.

        The student's progress in the course, with the status of each video.
        """

        return result_of(
            get_course_progress.sync_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    def get_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> StoredEnrollmentResponse:
        """Get an enrolment.

        One enrolment; 404 with the code `enrollment_not_found` if the student is not enrolled.
        """

        return result_of(
            get_enrollment.sync_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    def get_health(
        self,
    ) -> Health:
        """Liveness.

        Checks nothing: a failing database must not make a scheduler restart the service.
        """

        return result_of(
            get_health.sync_detailed(
                client=self.client,
            )
        )

    def get_metrics(
        self,
    ) -> str:
        """Metrics for Prometheus.

        The text format of Prometheus.
        """

        return result_of(
            get_metrics.sync_detailed(
                client=self.client,
            )
        )

    def get_my_erasure(
        self,
    ) -> ErasureResponse:
        """Follow my erasure.

        The last erasure of the student's data; 404 with the code `erasure_not_found` without one.
        """

        return result_of(
            get_my_erasure.sync_detailed(
                client=self.client,
            )
        )

    def get_my_preferences(
        self,
    ) -> PreferencesResponse:
        """Get my preferences.

        What the student has chosen about what is stored; `on` unless it was changed.
        """

        return result_of(
            get_my_preferences.sync_detailed(
                client=self.client,
            )
        )

    def get_readiness(
        self,
    ) -> Health:
        """Readiness.

        200 if the database responds within a second, and the service is not about to stop.
        """

        return result_of(
            get_readiness.sync_detailed(
                client=self.client,
            )
        )

    def get_resume(
        self,
        video_id: str,
        *,
        skip_intro: bool | Unset = True,
    ) -> ResumeResponse:
        """Get where to resume.

        The newest position, rewound by its age; or a better start, with its reason.
        """

        return result_of(
            get_resume.sync_detailed(
                video_id=video_id,
                skip_intro=skip_intro,
                client=self.client,
            )
        )

    def get_student_course_progress(
        self,
        student_id: str,
        course_id: str,
    ) -> CourseProgressResponse:
        """Get a student's course progress.

        For services: what the student gets from `getCourseProgress`, 403 without an enrolment.
        """

        return result_of(
            get_student_course_progress.sync_detailed(
                student_id=student_id,
                course_id=course_id,
                client=self.client,
            )
        )

    def get_student_erasure(
        self,
        student_id: str,
    ) -> ErasureResponse:
        """Follow a student's erasure.

        For services: what `getMyErasure` returns.
        """

        return result_of(
            get_student_erasure.sync_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    def get_student_video_status(
        self,
        student_id: str,
        video_id: str,
    ) -> Status:
        """Get a student's status in a video.

        For services: what the student gets from `getVideoStatus`, 403 without an enrolment.
        """

        return result_of(
            get_student_video_status.sync_detailed(
                student_id=student_id,
                video_id=video_id,
                client=self.client,
            )
        )

    def get_video_analytics(
        self,
        video_id: str,
        *,
        cohort: str | Unset = UNSET,
        table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
    ) -> VideoAnalytics:
        """Get a video's analytics.

        How everyone watches a video, for the teachers of its course and for services.

        With `Accept: text/csv` the response is one table.
        """

        return result_of(
            get_video_analytics.sync_detailed(
                video_id=video_id,
                cohort=cohort,
                table=table,
                client=self.client,
            )
        )

    def get_video_status(
        self,
        video_id: str,
    ) -> Status:
        """Get a video's status.

        The student's position in the video, the watched spans, and whether it is completed.
        """

        return result_of(
            get_video_status.sync_detailed(
                video_id=video_id,
                client=self.client,
            )
        )

    def get_video_statuses(
        self,
        *,
        body: VideoIds,
    ) -> Statuses:
        """Get the status of many videos.

        Each id is returned once. Videos that the student may not watch are listed as `unavailable`;
        the request still succeeds.

        Only the status of a single video has `watched_spans`.
        """

        return result_of(
            get_video_statuses.sync_detailed(
                body=body,
                client=self.client,
            )
        )

    def get_webhook(
        self,
        webhook_id: str,
    ) -> WebhookResponse:
        """Get a webhook.

        The webhook without its secret.
        """

        return result_of(
            get_webhook.sync_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    def import_progress(
        self,
        *,
        body: File | File | Unset = UNSET,
        dry_run: bool | Unset = False,
    ) -> File:
        """Import progress.

        Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

        The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
        affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
        position moves back to an older one. If the database fails halfway, the rows that are not known
        to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
        lines than rows was cut off: send the request again.
        """

        return result_of(
            import_progress.sync_detailed(
                body=body,
                dry_run=dry_run,
                client=self.client,
            )
        )

    def list_course_students(
        self,
        course_id: str,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
        changed_since: str | Unset = UNSET,
    ) -> CourseStudents:
        """List the progress of a course's students.

        Every enrolled student, also those who have not started, in the order of their ids.

        With `changed_since`, only students whose row may have changed since; a row that has not changed
        may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
        the next page, and `Progress-Cursor` the cursor.
        """

        return result_of(
            list_course_students.sync_detailed(
                course_id=course_id,
                limit=limit,
                after=after,
                changed_since=changed_since,
                client=self.client,
            )
        )

    def iterate_course_students(
        self,
        course_id: str,
        *,
        changed_since: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Iterator[StudentProgress]:
        """All `students` of `list_course_students`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_course_students(
                course_id=course_id,
                limit=page_size,
                after=after,
                changed_since=changed_since,
            )
        ):
            yield from page.students

    def list_courses(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> CatalogPage:
        """List courses.

        All courses for a service, their own for a teacher, in the order of course ids.

        A page of large courses may be shorter than `limit`; only `next` says whether more follow.
        """

        return result_of(
            list_courses.sync_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_courses(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[CatalogCourse]:
        """All `courses` of `list_courses`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_courses(
                limit=page_size,
                after=after,
            )
        ):
            yield from page.courses

    def list_enrollments(
        self,
        course_id: str,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = 100,
    ) -> EnrollmentPage:
        """List enrolled students.

        Student ids in ascending order, one page per request.
        """

        return result_of(
            list_enrollments.sync_detailed(
                course_id=course_id,
                after=after,
                limit=limit,
                client=self.client,
            )
        )

    def iterate_enrollments(
        self,
        course_id: str,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[str]:
        """All `student_ids` of `list_enrollments`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_enrollments(
                course_id=course_id,
                after=after,
                limit=page_size,
            )
        ):
            yield from page.student_ids

    def list_my_courses(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> MyCourses:
        """List my courses.

        Every course that the student is enrolled in, newest activity first; then those without
        activity, by title.

        Activity is a video watched or a material marked as done. A course that gains activity between
        two pages moves to the front, so read the first page again to see it there.
        """

        return result_of(
            list_my_courses.sync_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_my_courses(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[ListedCourse]:
        """All `courses` of `list_my_courses`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_my_courses(
                limit=page_size,
                after=after,
            )
        ):
            yield from page.courses

    def list_my_statements(
        self,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
    ) -> StatementsResponse:
        """Export my statements.

        The student's completed videos and ended sessions as statements of the xAPI Video Profile.

        These are the statements that the service forwards to a learning record store, with the same
        ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
        although more follow: read on until `next` is null.
        """

        return result_of(
            list_my_statements.sync_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_my_statements(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[XapiStatement]:
        """All `statements` of `list_my_statements`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_my_statements(
                limit=page_size,
                after=after,
            )
        ):
            yield from page.statements

    def list_student_statements(
        self,
        student_id: str,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
    ) -> StatementsResponse:
        """Export a student's statements.

        For services: what the student gets from `listMyStatements`.
        """

        return result_of(
            list_student_statements.sync_detailed(
                student_id=student_id,
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_student_statements(
        self,
        student_id: str,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[XapiStatement]:
        """All `statements` of `list_student_statements`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_student_statements(
                student_id=student_id,
                limit=page_size,
                after=after,
            )
        ):
            yield from page.statements

    def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: ListWebhookDeliveriesStatus | Unset = UNSET,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> DeliveryPage:
        """List deliveries.

        What was sent to the webhook and what waits, newest first, for 30 days.
        """

        return result_of(
            list_webhook_deliveries.sync_detailed(
                webhook_id=webhook_id,
                status=status,
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: ListWebhookDeliveriesStatus | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Iterator[DeliveryResponse]:
        """All `deliveries` of `list_webhook_deliveries`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_webhook_deliveries(
                webhook_id=webhook_id,
                status=status,
                limit=page_size,
                after=after,
            )
        ):
            yield from page.deliveries

    def list_webhooks(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> WebhookPage:
        """List webhooks.

        All webhooks, whichever service registered them, in the order of their ids.
        """

        return result_of(
            list_webhooks.sync_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    def iterate_webhooks(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> Iterator[WebhookResponse]:
        """All `webhooks` of `list_webhooks`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        for page in iterate_pages(
            lambda after: self.list_webhooks(
                limit=page_size,
                after=after,
            )
        ):
            yield from page.webhooks

    def post_events(
        self,
        *,
        body: EventsBody,
    ) -> EventsResponse:
        """Send offline reports.

        Merge up to 500 reports in one write, in any order and with any repetition.

        For offline reports, and for the final report of a page. An invalid event does not affect the
        others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
        update per second does not apply; events have a separate limit, and each event counts.
        """

        return result_of(
            post_events.sync_detailed(
                body=body,
                client=self.client,
            )
        )

    def put_course(
        self,
        course_id: str,
        *,
        body: CourseBody,
    ) -> CourseResponse:
        """Put a course.

        Create the course, or replace it entirely. A material may belong to one course only.

        Materials that are left out are removed from the course; learners' progress in them is kept.
        """

        return result_of(
            put_course.sync_detailed(
                course_id=course_id,
                body=body,
                client=self.client,
            )
        )

    def put_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> EnrollmentResponse:
        """Enrol a student.

        Enrol one student. Requires no body. Safe to repeat.
        """

        return result_of(
            put_enrollment.sync_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    def put_enrollments(
        self,
        course_id: str,
        *,
        body: StudentIds,
    ) -> EnrollmentsResponse:
        """Enrol many students.

        Enrol up to 1000 students; those already enrolled stay unchanged.
        """

        return result_of(
            put_enrollments.sync_detailed(
                course_id=course_id,
                body=body,
                client=self.client,
            )
        )

    def put_my_preferences(
        self,
        *,
        body: PreferencesBody,
    ) -> PreferencesResponse:
        """Put my preferences.

        Pause the history, or resume it.

        While it is paused, reports are confirmed as always and store nothing but completion. What was
        stored before stays. Marks by hand work as ever.
        """

        return result_of(
            put_my_preferences.sync_detailed(
                body=body,
                client=self.client,
            )
        )

    def put_webhook(
        self,
        webhook_id: str,
        *,
        body: WebhookBody,
    ) -> RegisteredWebhook:
        """Put a webhook.

        Register a webhook, or change it. The response that registers it is the only one with its
        secret; later calls keep the secret, unless they bring another one, which replaces it as a
        rotation does.

        Events from now on are sent to it. Safe to repeat.
        """

        return result_of(
            put_webhook.sync_detailed(
                webhook_id=webhook_id,
                body=body,
                client=self.client,
            )
        )

    def replay_webhook(
        self,
        webhook_id: str,
        *,
        body: ReplayBody,
    ) -> ReplayResponse:
        """Replay.

        Send the stored events of the webhook's types again, with the same ids: those stored since
        then, whether they were delivered or not. Events are stored for 30 days.
        """

        return result_of(
            replay_webhook.sync_detailed(
                webhook_id=webhook_id,
                body=body,
                client=self.client,
            )
        )

    def restore_card(
        self,
        course_id: str,
    ) -> None:
        """Restore a card.

        Show the course's card again.
        """

        result_of(
            restore_card.sync_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    def rotate_webhook_secret(
        self,
        webhook_id: str,
    ) -> RegisteredWebhook:
        """Rotate the secret.

        Make a new secret, which only this response contains. For 24 hours, requests are signed with
        the new secret and with the one before.
        """

        return result_of(
            rotate_webhook_secret.sync_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    def send_webhook_test(
        self,
        webhook_id: str,
    ) -> SentTestEvent:
        """Send a test event.

        Send an event of the type `webhook.test` in the same way, to this webhook only.
        """

        return result_of(
            send_webhook_test.sync_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    def uncomplete_material(
        self,
        material_id: str,
    ) -> Mark:
        """Unmark.

        Remove the completion; earlier reports no longer complete the material. Safe to repeat.
        """

        return result_of(
            uncomplete_material.sync_detailed(
                material_id=material_id,
                client=self.client,
            )
        )

    def uncomplete_student_material(
        self,
        student_id: str,
        material_id: str,
    ) -> Mark:
        """Unmark a student's material.

        For services: remove a student's completion, as `uncompleteMaterial` does. Safe to repeat.

        The `sub` of the service is stored beside the time of the unmark.
        """

        return result_of(
            uncomplete_student_material.sync_detailed(
                student_id=student_id,
                material_id=material_id,
                client=self.client,
            )
        )

    def update_watch_time(
        self,
        video_id: str,
        *,
        body: ReportBody,
    ) -> Message:
        """Report where a player is.

        Merge one report into the student's record.

        The response is sent when the report is journaled on a majority. Reports may arrive late, twice
        or in any order: the report with the newest `observed_at` sets the position, played spans add
        up, and the video is completed from `complete_at_percent` on. One update per second and video.
        """

        return result_of(
            update_watch_time.sync_detailed(
                video_id=video_id,
                body=body,
                client=self.client,
            )
        )


class AsyncProgressClient(Connection):
    """Like `ProgressClient`, for asyncio and trio."""

    async def __aenter__(self: AnyAsyncProgressClient) -> AnyAsyncProgressClient:
        await self.client.__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.client.__aexit__(*args)

    async def complete_material(
        self,
        material_id: str,
    ) -> Mark:
        """Mark as done.

        Mark a material as done by hand, also a reading. Safe to repeat.
        """

        return result_of(
            await complete_material.asyncio_detailed(
                material_id=material_id,
                client=self.client,
            )
        )

    async def complete_student_material(
        self,
        student_id: str,
        material_id: str,
        *,
        body: CompletionBody | Unset = UNSET,
    ) -> Mark:
        """Mark a student's material as done.

        For services: mark a material of any type as done for a student. Requires no body.

        The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
        the material is completed now. Of a mark and an unmark, the later call counts, whatever
        `completed_at` is. The `sub` of the service is stored beside the completion.
        """

        return result_of(
            await complete_student_material.asyncio_detailed(
                student_id=student_id,
                material_id=material_id,
                body=body,
                client=self.client,
            )
        )

    async def delete_course(
        self,
        course_id: str,
    ) -> None:
        """Remove a course.

        Remove the course. Enrolments and progress are kept in case it is restored.

        One of its teachers, or a service, may restore it; other teachers cannot use its id.
        """

        result_of(
            await delete_course.asyncio_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    async def delete_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> None:
        """End an enrolment.

        End the enrolment. The student's progress is kept. Safe to repeat.
        """

        result_of(
            await delete_enrollment.asyncio_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    async def delete_webhook(
        self,
        webhook_id: str,
    ) -> None:
        """Remove a webhook.

        Remove the webhook with its deliveries, also those that wait.
        """

        result_of(
            await delete_webhook.asyncio_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    async def dismiss_card(
        self,
        course_id: str,
    ) -> None:
        """Dismiss a card.

        Hide the course's card until a new report or mark in the course. Changes no progress.
        """

        result_of(
            await dismiss_card.asyncio_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    async def erase_my_data(
        self,
    ) -> ErasureResponse:
        """Erase my data.

        Erase everything that is stored about the student.

        Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
        crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
        the student are rejected with the code `erased`. Afterwards so are reports from before the
        erasure, and all of a student who is not enrolled again.
        """

        return result_of(
            await erase_my_data.asyncio_detailed(
                client=self.client,
            )
        )

    async def erase_student(
        self,
        student_id: str,
    ) -> ErasureResponse:
        """Erase a student's data.

        For services: what `eraseMyData` does. It works for every user id, known or not.
        """

        return result_of(
            await erase_student.asyncio_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    async def export_my_data(
        self,
    ) -> File:
        """Export my data.

        Everything that is stored about the student, as lines of JSON.

        Each line has a `kind`. The first is the header, and the last, `end`, has the number of lines
        before it: without it the export was cut off and must be repeated. Everything that was
        acknowledged before the request is in it.
        """

        return result_of(
            await export_my_data.asyncio_detailed(
                client=self.client,
            )
        )

    async def export_student_data(
        self,
        student_id: str,
    ) -> File:
        """Export a student's data.

        For services: what the student gets from `exportMyData`.

        Of a student about whom nothing is stored, it has only the first and the last line.
        """

        return result_of(
            await export_student_data.asyncio_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    async def get_changes(
        self,
        *,
        since: str | Unset = UNSET,
    ) -> Changes:
        """Get what changed since a cursor.

        States, not deltas, so a missed or repeated one is harmless. Without `since`, everything.

        `docs/live.md` describes the frames of `WS /progress`; their schemas are in this document.
        """

        return result_of(
            await get_changes.asyncio_detailed(
                since=since,
                client=self.client,
            )
        )

    async def get_continue_watching(
        self,
        *,
        limit: int | Unset = 10,
    ) -> ContinueWatching:
        """Get what to continue with.

        The video in progress of each course, or the next material after a completed one.
        """

        return result_of(
            await get_continue_watching.asyncio_detailed(
                limit=limit,
                client=self.client,
            )
        )

    async def get_course(
        self,
        course_id: str,
    ) -> CourseResponse:
        """Get a course.

        The course with its materials. For services, its teachers and its enrolled students.
        """

        return result_of(
            await get_course.asyncio_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    async def get_course_analytics(
        self,
        course_id: str,
        *,
        cohort: str | Unset = UNSET,
        table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
    ) -> CourseAnalytics:
        """Get a course's analytics.

        How everyone gets on in a course, for its teachers and for services.

        With `Accept: text/csv` the response is one table.
        """

        return result_of(
            await get_course_analytics.asyncio_detailed(
                course_id=course_id,
                cohort=cohort,
                table=table,
                client=self.client,
            )
        )

    async def get_course_progress(
        self,
        course_id: str,
    ) -> CourseProgressResponse:
        """Get a course's progress.

        The student's progress in the course, with the status of each video.
        """

        return result_of(
            await get_course_progress.asyncio_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    async def get_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> StoredEnrollmentResponse:
        """Get an enrolment.

        One enrolment; 404 with the code `enrollment_not_found` if the student is not enrolled.
        """

        return result_of(
            await get_enrollment.asyncio_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    async def get_health(
        self,
    ) -> Health:
        """Liveness.

        Checks nothing: a failing database must not make a scheduler restart the service.
        """

        return result_of(
            await get_health.asyncio_detailed(
                client=self.client,
            )
        )

    async def get_metrics(
        self,
    ) -> str:
        """Metrics for Prometheus.

        The text format of Prometheus.
        """

        return result_of(
            await get_metrics.asyncio_detailed(
                client=self.client,
            )
        )

    async def get_my_erasure(
        self,
    ) -> ErasureResponse:
        """Follow my erasure.

        The last erasure of the student's data; 404 with the code `erasure_not_found` without one.
        """

        return result_of(
            await get_my_erasure.asyncio_detailed(
                client=self.client,
            )
        )

    async def get_my_preferences(
        self,
    ) -> PreferencesResponse:
        """Get my preferences.

        What the student has chosen about what is stored; `on` unless it was changed.
        """

        return result_of(
            await get_my_preferences.asyncio_detailed(
                client=self.client,
            )
        )

    async def get_readiness(
        self,
    ) -> Health:
        """Readiness.

        200 if the database responds within a second, and the service is not about to stop.
        """

        return result_of(
            await get_readiness.asyncio_detailed(
                client=self.client,
            )
        )

    async def get_resume(
        self,
        video_id: str,
        *,
        skip_intro: bool | Unset = True,
    ) -> ResumeResponse:
        """Get where to resume.

        The newest position, rewound by its age; or a better start, with its reason.
        """

        return result_of(
            await get_resume.asyncio_detailed(
                video_id=video_id,
                skip_intro=skip_intro,
                client=self.client,
            )
        )

    async def get_student_course_progress(
        self,
        student_id: str,
        course_id: str,
    ) -> CourseProgressResponse:
        """Get a student's course progress.

        For services: what the student gets from `getCourseProgress`, 403 without an enrolment.
        """

        return result_of(
            await get_student_course_progress.asyncio_detailed(
                student_id=student_id,
                course_id=course_id,
                client=self.client,
            )
        )

    async def get_student_erasure(
        self,
        student_id: str,
    ) -> ErasureResponse:
        """Follow a student's erasure.

        For services: what `getMyErasure` returns.
        """

        return result_of(
            await get_student_erasure.asyncio_detailed(
                student_id=student_id,
                client=self.client,
            )
        )

    async def get_student_video_status(
        self,
        student_id: str,
        video_id: str,
    ) -> Status:
        """Get a student's status in a video.

        For services: what the student gets from `getVideoStatus`, 403 without an enrolment.
        """

        return result_of(
            await get_student_video_status.asyncio_detailed(
                student_id=student_id,
                video_id=video_id,
                client=self.client,
            )
        )

    async def get_video_analytics(
        self,
        video_id: str,
        *,
        cohort: str | Unset = UNSET,
        table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
    ) -> VideoAnalytics:
        """Get a video's analytics.

        How everyone watches a video, for the teachers of its course and for services.

        With `Accept: text/csv` the response is one table.
        """

        return result_of(
            await get_video_analytics.asyncio_detailed(
                video_id=video_id,
                cohort=cohort,
                table=table,
                client=self.client,
            )
        )

    async def get_video_status(
        self,
        video_id: str,
    ) -> Status:
        """Get a video's status.

        The student's position in the video, the watched spans, and whether it is completed.
        """

        return result_of(
            await get_video_status.asyncio_detailed(
                video_id=video_id,
                client=self.client,
            )
        )

    async def get_video_statuses(
        self,
        *,
        body: VideoIds,
    ) -> Statuses:
        """Get the status of many videos.

        Each id is returned once. Videos that the student may not watch are listed as `unavailable`;
        the request still succeeds.

        Only the status of a single video has `watched_spans`.
        """

        return result_of(
            await get_video_statuses.asyncio_detailed(
                body=body,
                client=self.client,
            )
        )

    async def get_webhook(
        self,
        webhook_id: str,
    ) -> WebhookResponse:
        """Get a webhook.

        The webhook without its secret.
        """

        return result_of(
            await get_webhook.asyncio_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    async def import_progress(
        self,
        *,
        body: File | File | Unset = UNSET,
        dry_run: bool | Unset = False,
    ) -> File:
        """Import progress.

        Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

        The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
        affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
        position moves back to an older one. If the database fails halfway, the rows that are not known
        to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
        lines than rows was cut off: send the request again.
        """

        return result_of(
            await import_progress.asyncio_detailed(
                body=body,
                dry_run=dry_run,
                client=self.client,
            )
        )

    async def list_course_students(
        self,
        course_id: str,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
        changed_since: str | Unset = UNSET,
    ) -> CourseStudents:
        """List the progress of a course's students.

        Every enrolled student, also those who have not started, in the order of their ids.

        With `changed_since`, only students whose row may have changed since; a row that has not changed
        may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
        the next page, and `Progress-Cursor` the cursor.
        """

        return result_of(
            await list_course_students.asyncio_detailed(
                course_id=course_id,
                limit=limit,
                after=after,
                changed_since=changed_since,
                client=self.client,
            )
        )

    async def iterate_course_students(
        self,
        course_id: str,
        *,
        changed_since: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[StudentProgress]:
        """All `students` of `list_course_students`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_course_students(
                course_id=course_id,
                limit=page_size,
                after=after,
                changed_since=changed_since,
            )
        ):
            for item in page.students:
                yield item

    async def list_courses(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> CatalogPage:
        """List courses.

        All courses for a service, their own for a teacher, in the order of course ids.

        A page of large courses may be shorter than `limit`; only `next` says whether more follow.
        """

        return result_of(
            await list_courses.asyncio_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_courses(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[CatalogCourse]:
        """All `courses` of `list_courses`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_courses(
                limit=page_size,
                after=after,
            )
        ):
            for item in page.courses:
                yield item

    async def list_enrollments(
        self,
        course_id: str,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = 100,
    ) -> EnrollmentPage:
        """List enrolled students.

        Student ids in ascending order, one page per request.
        """

        return result_of(
            await list_enrollments.asyncio_detailed(
                course_id=course_id,
                after=after,
                limit=limit,
                client=self.client,
            )
        )

    async def iterate_enrollments(
        self,
        course_id: str,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[str]:
        """All `student_ids` of `list_enrollments`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_enrollments(
                course_id=course_id,
                after=after,
                limit=page_size,
            )
        ):
            for item in page.student_ids:
                yield item

    async def list_my_courses(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> MyCourses:
        """List my courses.

        Every course that the student is enrolled in, newest activity first; then those without
        activity, by title.

        Activity is a video watched or a material marked as done. A course that gains activity between
        two pages moves to the front, so read the first page again to see it there.
        """

        return result_of(
            await list_my_courses.asyncio_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_my_courses(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[ListedCourse]:
        """All `courses` of `list_my_courses`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_my_courses(
                limit=page_size,
                after=after,
            )
        ):
            for item in page.courses:
                yield item

    async def list_my_statements(
        self,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
    ) -> StatementsResponse:
        """Export my statements.

        The student's completed videos and ended sessions as statements of the xAPI Video Profile.

        These are the statements that the service forwards to a learning record store, with the same
        ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
        although more follow: read on until `next` is null.
        """

        return result_of(
            await list_my_statements.asyncio_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_my_statements(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[XapiStatement]:
        """All `statements` of `list_my_statements`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_my_statements(
                limit=page_size,
                after=after,
            )
        ):
            for item in page.statements:
                yield item

    async def list_student_statements(
        self,
        student_id: str,
        *,
        limit: int | Unset = 100,
        after: str | Unset = UNSET,
    ) -> StatementsResponse:
        """Export a student's statements.

        For services: what the student gets from `listMyStatements`.
        """

        return result_of(
            await list_student_statements.asyncio_detailed(
                student_id=student_id,
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_student_statements(
        self,
        student_id: str,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[XapiStatement]:
        """All `statements` of `list_student_statements`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_student_statements(
                student_id=student_id,
                limit=page_size,
                after=after,
            )
        ):
            for item in page.statements:
                yield item

    async def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: ListWebhookDeliveriesStatus | Unset = UNSET,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> DeliveryPage:
        """List deliveries.

        What was sent to the webhook and what waits, newest first, for 30 days.
        """

        return result_of(
            await list_webhook_deliveries.asyncio_detailed(
                webhook_id=webhook_id,
                status=status,
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: ListWebhookDeliveriesStatus | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[DeliveryResponse]:
        """All `deliveries` of `list_webhook_deliveries`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_webhook_deliveries(
                webhook_id=webhook_id,
                status=status,
                limit=page_size,
                after=after,
            )
        ):
            for item in page.deliveries:
                yield item

    async def list_webhooks(
        self,
        *,
        limit: int | Unset = 50,
        after: str | Unset = UNSET,
    ) -> WebhookPage:
        """List webhooks.

        All webhooks, whichever service registered them, in the order of their ids.
        """

        return result_of(
            await list_webhooks.asyncio_detailed(
                limit=limit,
                after=after,
                client=self.client,
            )
        )

    async def iterate_webhooks(
        self,
        *,
        page_size: int | Unset = UNSET,
    ) -> AsyncIterator[WebhookResponse]:
        """All `webhooks` of `list_webhooks`, page by page.

        Raises:
            ProgressError: a page could not be read.
        """
        async for page in aiterate_pages(
            lambda after: self.list_webhooks(
                limit=page_size,
                after=after,
            )
        ):
            for item in page.webhooks:
                yield item

    async def post_events(
        self,
        *,
        body: EventsBody,
    ) -> EventsResponse:
        """Send offline reports.

        Merge up to 500 reports in one write, in any order and with any repetition.

        For offline reports, and for the final report of a page. An invalid event does not affect the
        others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
        update per second does not apply; events have a separate limit, and each event counts.
        """

        return result_of(
            await post_events.asyncio_detailed(
                body=body,
                client=self.client,
            )
        )

    async def put_course(
        self,
        course_id: str,
        *,
        body: CourseBody,
    ) -> CourseResponse:
        """Put a course.

        Create the course, or replace it entirely. A material may belong to one course only.

        Materials that are left out are removed from the course; learners' progress in them is kept.
        """

        return result_of(
            await put_course.asyncio_detailed(
                course_id=course_id,
                body=body,
                client=self.client,
            )
        )

    async def put_enrollment(
        self,
        course_id: str,
        student_id: str,
    ) -> EnrollmentResponse:
        """Enrol a student.

        Enrol one student. Requires no body. Safe to repeat.
        """

        return result_of(
            await put_enrollment.asyncio_detailed(
                course_id=course_id,
                student_id=student_id,
                client=self.client,
            )
        )

    async def put_enrollments(
        self,
        course_id: str,
        *,
        body: StudentIds,
    ) -> EnrollmentsResponse:
        """Enrol many students.

        Enrol up to 1000 students; those already enrolled stay unchanged.
        """

        return result_of(
            await put_enrollments.asyncio_detailed(
                course_id=course_id,
                body=body,
                client=self.client,
            )
        )

    async def put_my_preferences(
        self,
        *,
        body: PreferencesBody,
    ) -> PreferencesResponse:
        """Put my preferences.

        Pause the history, or resume it.

        While it is paused, reports are confirmed as always and store nothing but completion. What was
        stored before stays. Marks by hand work as ever.
        """

        return result_of(
            await put_my_preferences.asyncio_detailed(
                body=body,
                client=self.client,
            )
        )

    async def put_webhook(
        self,
        webhook_id: str,
        *,
        body: WebhookBody,
    ) -> RegisteredWebhook:
        """Put a webhook.

        Register a webhook, or change it. The response that registers it is the only one with its
        secret; later calls keep the secret, unless they bring another one, which replaces it as a
        rotation does.

        Events from now on are sent to it. Safe to repeat.
        """

        return result_of(
            await put_webhook.asyncio_detailed(
                webhook_id=webhook_id,
                body=body,
                client=self.client,
            )
        )

    async def replay_webhook(
        self,
        webhook_id: str,
        *,
        body: ReplayBody,
    ) -> ReplayResponse:
        """Replay.

        Send the stored events of the webhook's types again, with the same ids: those stored since
        then, whether they were delivered or not. Events are stored for 30 days.
        """

        return result_of(
            await replay_webhook.asyncio_detailed(
                webhook_id=webhook_id,
                body=body,
                client=self.client,
            )
        )

    async def restore_card(
        self,
        course_id: str,
    ) -> None:
        """Restore a card.

        Show the course's card again.
        """

        result_of(
            await restore_card.asyncio_detailed(
                course_id=course_id,
                client=self.client,
            )
        )

    async def rotate_webhook_secret(
        self,
        webhook_id: str,
    ) -> RegisteredWebhook:
        """Rotate the secret.

        Make a new secret, which only this response contains. For 24 hours, requests are signed with
        the new secret and with the one before.
        """

        return result_of(
            await rotate_webhook_secret.asyncio_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    async def send_webhook_test(
        self,
        webhook_id: str,
    ) -> SentTestEvent:
        """Send a test event.

        Send an event of the type `webhook.test` in the same way, to this webhook only.
        """

        return result_of(
            await send_webhook_test.asyncio_detailed(
                webhook_id=webhook_id,
                client=self.client,
            )
        )

    async def uncomplete_material(
        self,
        material_id: str,
    ) -> Mark:
        """Unmark.

        Remove the completion; earlier reports no longer complete the material. Safe to repeat.
        """

        return result_of(
            await uncomplete_material.asyncio_detailed(
                material_id=material_id,
                client=self.client,
            )
        )

    async def uncomplete_student_material(
        self,
        student_id: str,
        material_id: str,
    ) -> Mark:
        """Unmark a student's material.

        For services: remove a student's completion, as `uncompleteMaterial` does. Safe to repeat.

        The `sub` of the service is stored beside the time of the unmark.
        """

        return result_of(
            await uncomplete_student_material.asyncio_detailed(
                student_id=student_id,
                material_id=material_id,
                client=self.client,
            )
        )

    async def update_watch_time(
        self,
        video_id: str,
        *,
        body: ReportBody,
    ) -> Message:
        """Report where a player is.

        Merge one report into the student's record.

        The response is sent when the report is journaled on a majority. Reports may arrive late, twice
        or in any order: the report with the newest `observed_at` sets the position, played spans add
        up, and the video is completed from `complete_at_percent` on. One update per second and video.
        """

        return result_of(
            await update_watch_time.asyncio_detailed(
                video_id=video_id,
                body=body,
                client=self.client,
            )
        )
