"""What the service stores about students itself: records, enrolments, preferences, erasures."""

from __future__ import annotations

from progress_service.mongo.migration import SET_ASIDE
from progress_service.mongo.schema import (
    ENROLLMENTS,
    ERASURES,
    FORMER_ENROLLMENTS,
    IMPORT_DRY_RUNS,
    PREFERENCES,
    WATCH_PROGRESS,
)
from progress_service.privacy.declarations import DeclaredField, StoredData, exported

ON_ERASURE = "deleted when the student is erased"
_UNTIL_ERASED = "until the student is erased"
_INTERNAL_ID = DeclaredField("_id", "Identifies the document; made by the database.")
_STUDENT = DeclaredField("student_id", "Whose it is.", exported_as="student_id of the first line")

RECORD_FIELDS = (
    _INTERNAL_ID,
    _STUDENT,
    *exported(
        material_id="Which material it is about.",
        course_id="Which course the material was in.",
        watch_time="The position: where playback resumes.",
        total_duration="The length of the video, to compute the percentage.",
        progress_percentage="The position as a share of the length.",
        last_watched="When the position was reported; the newest counts.",
        completed_at="When the material was completed.",
        furthest_percentage="The furthest percentage below the threshold, for course totals.",
        furthest_since_unmark="The same since the last unmark.",
        furthest_time="The furthest position of a report that completed, for analytics.",
        unmarked_at="When the material was last unmarked; older reports do not count.",
        restart_at="When the video was last started again on purpose.",
        watched_spans="Which seconds were played, for the player, gaps and analytics.",
        watched_seconds="How many seconds were played.",
        watched_grid_seconds="The precision of the spans, where there are very many.",
        stored_at="When the record last changed: the cursor of changes, and for retention.",
    ),
    DeclaredField("marked_by.at", "When a service marked it as completed.", "marked_by.at"),
    DeclaredField("marked_by.service", "Which service did.", "marked_by.service"),
    # An unmark leaves the name without a value.
    DeclaredField("unmarked_by.at", "When a service marked it as not completed.", "unmarked_by.at"),
    DeclaredField("unmarked_by.service", "Which service did.", "unmarked_by.service"),
    DeclaredField("devices.device_id", "To continue on another device.", "devices.device_id"),
    DeclaredField("devices.observed_at", "When the device was used.", "devices.observed_at"),
    DeclaredField("devices.watch_time", "The position on the device.", "devices.watch_time"),
    DeclaredField("devices.furthest_time", "The furthest position there.", "devices.furthest_time"),
    DeclaredField("devices.played_seconds", "How long it played.", "devices.played_seconds"),
    DeclaredField("devices.session_id", "The session of the position.", "devices.session_id"),
    DeclaredField("devices.playing", "Whether it was playing.", "devices.playing"),
    DeclaredField("devices.ranks", "False for a start near 0 s.", "devices.ranks"),
    DeclaredField("sessions.*.observed_at", "When it last reported.", "sessions.observed_at"),
    DeclaredField("sessions.*.played_seconds", "How long it played.", "sessions.played_seconds"),
    DeclaredField("sessions.*.spans.*", "What it played, for analytics.", "sessions.spans"),
)

_ENROLLMENT_FIELDS = (
    DeclaredField("_id", "The ids of the student and the course.", exported_as="course_id"),
    _STUDENT,
    *exported(
        course_id="Which course it is.",
        enrolled_at="Since when; decides the cohort.",
        completed_ids="The completed materials, for lists.",
        completed_at="When the course was completed.",
        dismissed_at="When the student dismissed the card of the course.",
        active_at="About when the student was last active, for the gradebook.",
        changed_at="When the totals last changed, for the gradebook.",
    ),
    DeclaredField("progress", "The progress in the course.", exported_as="overall_progress"),
    DeclaredField("revision", "Counts changes, so that none is overwritten.", "revision"),
    # A late upload must not bring back what was erased.
    DeclaredField("erased_at", "When the student was last erased.", exported_as="erased_at"),
)

RECORDS = StoredData(
    WATCH_PROGRESS,
    about="students",
    owner="student_id",
    line_kind="progress",
    retained="PROGRESS_RETAIN_DAYS after the last change; a completion while enrolled",
    erased=ON_ERASURE,
    fields=RECORD_FIELDS,
)
ENROLLMENT_DATA = StoredData(
    ENROLLMENTS,
    about="students",
    owner="student_id",
    line_kind="enrollment",
    retained="until the enrolment ends",
    erased=ON_ERASURE,
    fields=_ENROLLMENT_FIELDS,
)
FORMER_ENROLLMENT_DATA = StoredData(
    FORMER_ENROLLMENTS,
    about="students",
    owner="student_id",
    line_kind="former_enrollment",
    retained="PROGRESS_RETAIN_DAYS after the end of the enrolment",
    erased=ON_ERASURE,
    fields=(*_ENROLLMENT_FIELDS, *exported(ended_at="When it ended.")),
)
PREFERENCE_DATA = StoredData(
    PREFERENCES,
    about="students",
    owner="_id",
    line_kind="preferences",
    retained=_UNTIL_ERASED,
    erased=ON_ERASURE,
    fields=(
        DeclaredField("_id", "Whose it is.", exported_as="student_id of the first line"),
        *exported(
            history="Whether what the student watches is stored.",
            changed_at="When the student last chose it.",
        ),
    ),
)
DRY_RUNS = StoredData(
    IMPORT_DRY_RUNS,
    about="students",
    owner="student_id",
    is_prefix=True,
    retained="until the dry run of an import ends; a day after a crash",
    erased=ON_ERASURE,
    # Copies of records; an export has the records.
    fields=tuple(DeclaredField(each.path, each.why) for each in RECORD_FIELDS),
)
ERASURE_DATA = StoredData(
    ERASURES,
    about="students",
    owner="student_id",
    retained="forever, without the id",
    erased="the id is removed when the erasure ends; a keyed hash stays",
    fields=(
        DeclaredField("_id", "A keyed hash of the id: a late upload must not bring data back."),
        DeclaredField("student_id", "Whom to erase, while that is not finished."),
        DeclaredField("erased_at", "When it was requested; nothing older is stored again."),
        DeclaredField("finished_at", "When the erasure ended."),
        DeclaredField("done", "Which steps are done."),
        DeclaredField("event_ids", "Events of which other systems are still being notified."),
        DeclaredField("claimed_by", "Which process runs the steps."),
        DeclaredField("claimed_until", "Until when it does, unless it goes on."),
        DeclaredField("polled_until", "Until when processes must know of the erasure."),
        DeclaredField("keys", "The keys of the hashes, in a document of their own."),
    ),
)

_OF_OTHER_PROGRAMS = (DeclaredField("**", "Whatever another program has written."),)
SET_ASIDE_RECORDS = StoredData(
    f"{WATCH_PROGRESS}{SET_ASIDE}",
    about="students",
    owner="student_id",
    retained="until an operator removes the collection",
    erased=ON_ERASURE,
    fields=_OF_OTHER_PROGRAMS,
)
SET_ASIDE_ENROLLMENTS = StoredData(
    f"{ENROLLMENTS}{SET_ASIDE}",
    about="students",
    owner="student_id",
    retained="until an operator removes the collection",
    erased=ON_ERASURE,
    fields=_OF_OTHER_PROGRAMS,
)

ALL = (
    RECORDS,
    ENROLLMENT_DATA,
    FORMER_ENROLLMENT_DATA,
    PREFERENCE_DATA,
    DRY_RUNS,
    ERASURE_DATA,
    SET_ASIDE_RECORDS,
    SET_ASIDE_ENROLLMENTS,
)
