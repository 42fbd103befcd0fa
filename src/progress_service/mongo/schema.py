"""Collections and indexes: one table, applied by ``prepare-db`` and checked before serving.

Except in the outbox, reports change no field that an index covers, so they move no index entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import ASCENDING
from pymongo.errors import OperationFailure

from progress_service.errors import StartupError
from progress_service.mongo import erasures
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.erasures import ERASURES as ERASURES

WATCH_PROGRESS = "watch_progress"
COURSES = "courses"
REMOVED_COURSES = "removed_courses"  # Found by _id alone, so it needs no index of its own.
ENROLLMENTS = "enrollments"
FORMER_ENROLLMENTS = "former_enrollments"
ANALYTICS_RELEASES = "analytics_releases"  # Likewise by _id.
WEBHOOKS = "webhooks"  # Likewise; at most some dozens.
IMPORT_CHECKPOINTS = "import_checkpoints"  # Likewise.
IMPORT_DRY_RUNS = "import_dry_run_"  # Begins the names of collections that last for one dry run.
DOCTOR_PROBES = "doctor_probes"  # Lasts as long as `progress-service doctor` measures writes.
OUTBOX = "outbox"
XAPI_STATEMENTS = "xapi_statements"
PREFERENCES = "preferences"  # By _id, the id of the student.
RETENTION = "retention"  # One document: which process removes old data.

COMPRESSED = {"wiredTiger": {"configString": "block_compressor=snappy"}}
"""Pages of an index with random keys are half empty: compressed they take a third on disk."""

_OTHER_OPTIONS = frozenset({85, 86})  # IndexOptionsConflict, IndexKeySpecsConflict
DUPLICATE_KEY = 11000  # What a unique index rejects.
# What makes an index hold fewer documents, or other values, than a plain one.
_LIMITING_OPTIONS = ("sparse", "collation", "hidden", "expireAfterSeconds")


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its fields in order, and its options."""

    fields: tuple[str, ...]
    unique: bool = False
    only_where: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name MongoDB gives by default."""
        return "_".join(f"{name}_1" for name in self.fields)

    def is_among(self, present: Mapping[str, Any]) -> bool:
        """True when one of *present* has the same fields and is as unique, whatever its name."""
        return any(self._is_like(found) for found in present.values())

    def _is_like(self, found: Mapping[str, Any]) -> bool:
        return (
            list(found["key"]) == [(name, ASCENDING) for name in self.fields]
            and (bool(found.get("unique")) or not self.unique)
            and found.get("partialFilterExpression", {}) == self.only_where
            and not any(found.get(option) for option in _LIMITING_OPTIONS)
        )


SCHEMA: dict[str, tuple[Index, ...]] = {
    WATCH_PROGRESS: (Index(("student_id", "material_id"), unique=True),),
    # A material belongs to one course. Courses without materials would all collide on "nothing".
    COURSES: (
        Index(
            ("materials.material_id",),
            unique=True,
            only_where={"materials.material_id": {"$exists": True}},
        ),
        Index(("teacher_ids", "_id")),
    ),
    XAPI_STATEMENTS: (Index(("student_id", "material_id")),),
    ENROLLMENTS: (
        Index(("student_id", "course_id"), unique=True),
        Index(("course_id", "student_id")),
    ),
    FORMER_ENROLLMENTS: (Index(("course_id", "student_id")), Index(("student_id",))),
    ERASURES: (
        Index((erasures.POLLED_UNTIL,), only_where={erasures.POLLED_UNTIL: {"$exists": True}}),
    ),
    # Partial indexes hold only what is still to do, so their size is that of the backlog.
    OUTBOX: (
        Index(("route_at",), only_where={"route_at": {"$exists": True}}),
        Index(("destination", "due_at"), only_where={"due_at": {"$exists": True}}),
        Index(("destination", "status", "created_at", "_id")),
        Index(("kind", "created_at")),
        Index(("student_id",)),  # To export and erase a student.
    ),
}


async def prepare(database: Database) -> list[str]:
    """Create what is missing; running it again changes nothing. Returns ``collection.index`` names.

    Raises:
        Unavailable: the database does not respond.
        StartupError: stored data, or another index, contradicts one that is needed.
    """
    made = []
    with driver_errors("prepare"):
        await require_replication(database)
    # An index takes its time, and waits for what a killed process began.
    with driver_errors("prepare"), pymongo.timeout(None):
        for collection, indexes in SCHEMA.items():
            present = await database[collection].index_information()
            for index in indexes:
                if not index.is_among(present):
                    await _create(database, collection, index, present)
                made.append(f"{collection}.{index.name}")
    return made


async def _create(
    database: Database, collection: str, index: Index, present: Mapping[str, Any]
) -> None:
    options: dict[str, Any] = {"unique": index.unique, "storageEngine": COMPRESSED}
    if index.only_where:
        options["partialFilterExpression"] = index.only_where
    if index.name in present:  # another one, which may be there for others
        options["name"] = f"progress_{index.name}"
    try:
        await database[collection].create_index(
            [(name, ASCENDING) for name in index.fields], **options
        )
    except OperationFailure as error:
        raise _not_made(error, collection, index) from error


def _not_made(error: OperationFailure, collection: str, index: Index) -> StartupError:
    if error.code in _OTHER_OPTIONS:
        return StartupError(
            f"{collection} has an index like {index.name} with other options "
            f"({error.details and error.details.get('errmsg')}). Drop that one, then run "
            "`progress-service prepare-db` again."
        )
    remedy = "`progress-service prepare-db --migrate` merges them"
    if collection == COURSES:
        remedy = "Let one course alone hold it, then run `progress-service prepare-db` again"
    if error.code == DUPLICATE_KEY:
        names = ", ".join(index.fields)
        return StartupError(
            f"The index {index.name} on {collection} cannot be made: "
            f"several documents hold the same {names}. {remedy}."
        )
    return StartupError(
        f"The index {index.name} on {collection} cannot be made "
        f"({error.details and error.details.get('errmsg')})."
    )


async def require(database: Database) -> None:
    """Pass when every index is there: without the unique ones, first reports would double.

    Raises:
        StartupError: one is missing, or is not unique.
        Unavailable: the database does not respond.
    """
    missing = []
    with driver_errors("check indexes"):
        await require_replication(database)
        for collection, indexes in SCHEMA.items():
            present = await database[collection].index_information()
            missing += [f"{collection}.{i.name}" for i in indexes if not i.is_among(present)]
    if missing:
        raise StartupError(
            f"The database lacks {', '.join(missing)}; run `progress-service prepare-db` first."
        )


async def require_replication(database: Database) -> None:
    """Pass on a replica set: a lone node has no majority, no repeated writes, no change streams.

    Raises:
        StartupError: the database is a lone node.
    """
    hello = await database.client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StartupError(
            "The database of PROGRESS_MONGODB_URI is a single node; start it with --replSet and "
            "run rs.initiate() (a set of one will do), or name a replica set."
        )
