"""What is stored about teachers and services, and what is about nobody."""

from __future__ import annotations

from progress_service.mongo.schema import (
    ANALYTICS_RELEASES,
    COURSES,
    DOCTOR_PROBES,
    IMPORT_CHECKPOINTS,
    OUTBOX,
    REMOVED_COURSES,
    RETENTION,
    WEBHOOKS,
)
from progress_service.privacy.declarations import DeclaredField, StoredData

_NOBODY = "nobody"


def _plain(why: str, *paths: str) -> tuple[DeclaredField, ...]:
    return tuple(DeclaredField(path, why) for path in paths)


def _material_fields(name: str) -> tuple[DeclaredField, ...]:
    return _plain(
        "A material of the course.",
        *(
            f"{name}.{path}"
            for path in (
                "material_id",
                "title",
                "type",
                "module",
                "duration_seconds",
                "source_url",
                "required",
                "complete_at_percent",
                "chapters.start_seconds",
                "chapters.title",
                "intro.start_seconds",
                "intro.end_seconds",
                "outro.start_seconds",
                "outro.end_seconds",
                "earlier_durations",
                "lowered.percent",
                "lowered.at",
                "lowered.stored_until",
            )
        ),
    )


_COURSE_FIELDS = (
    *_plain("The course.", "_id", "title", "lowered_at", "complete_at_percent", "default_percent"),
    DeclaredField("teacher_ids", "Who may change the course, and see numbers about the class."),
    *_plain("The course.", "materials", "former_materials"),
    *_material_fields("materials"),
    *_material_fields("former_materials"),
)

COURSE_DATA = StoredData(
    COURSES,
    about="teachers",
    retained="until the course is removed, or put without the teacher",
    erased="put the course without the teacher",
    fields=_COURSE_FIELDS,
)
REMOVED_COURSE_DATA = StoredData(
    REMOVED_COURSES,
    about="teachers",
    retained="forever, so that a course can be restored with its history",
    erased="put the course without the teacher, then remove it again",
    fields=_COURSE_FIELDS,
)
WEBHOOK_DATA = StoredData(
    WEBHOOKS,
    about="services",
    retained="until the webhook is removed",
    erased="by DELETE of the webhook",
    fields=(
        *_plain(
            "Where events are sent, and how they are signed.",
            "_id",
            "url",
            "events",
            "is_active",
            "disabled_reason",
            "secrets",
            "secrets.sealed",
            "secrets.valid_until",
            "created_at",
            "updated_at",
            "revision",
        ),
        DeclaredField("created_by", "Which service put the webhook."),
    ),
)
RELEASES = StoredData(
    ANALYTICS_RELEASES,
    about=_NOBODY,
    retained="until a newer release",
    erased="the next release does not count the student",
    fields=_plain(
        "Counts of a class, of at least k learners; and which process counts.",
        "_id",
        "definition_version",
        "whole.**",
        "cohorts.**",
        "known.**",
        "owner",
        "until",
        "begun_at",
        "counted_at",
        "state",
        "age_ms",
        "revision",
        "used_until",
        "may_use",
        "now",
    ),
)
CHECKPOINTS = StoredData(
    IMPORT_CHECKPOINTS,
    about=_NOBODY,
    retained="until the import ends",
    erased="not necessary",
    fields=_plain(
        "How far the import of a file has come; the id is a hash of the file.",
        "_id",
        "rows",
        "counts.*",
        "results_bytes",
        "stored_at",
    ),
)
PROBES = StoredData(
    DOCTOR_PROBES,
    about=_NOBODY,
    retained="while `progress-service doctor` runs",
    erased="not necessary",
    fields=_plain("Writes whose time is measured.", "_id", "writes"),
)
OUTBOX_LEASE = StoredData(
    OUTBOX,
    about=_NOBODY,
    retained="forever",
    erased="not necessary",
    fields=_plain("Which process delivers.", "_id", "owner", "until"),
)
RETENTION_RUNS = StoredData(
    RETENTION,
    about=_NOBODY,
    retained="until the next run",
    erased="not necessary",
    fields=_plain(
        "Which process removes old data, and when that was last done.",
        "_id",
        "owner",
        "until",
        "after",
        "is_taken",
        "finished_at",
    ),
)

ALL = (
    COURSE_DATA,
    REMOVED_COURSE_DATA,
    WEBHOOK_DATA,
    RELEASES,
    CHECKPOINTS,
    PROBES,
    OUTBOX_LEASE,
    RETENTION_RUNS,
)
