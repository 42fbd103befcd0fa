"""Lists courses without their materials, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from progress_service.domain.catalog import ID_PATTERN
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import Expression
from progress_service.mongo.schema import COURSES

FIRST_COURSES = 8
MAX_READ_BYTES = 32 * 1024 * 1024  # The database reads whole courses, to count their materials.
MAX_TITLE_CHARACTERS = 500  # As in courses that were put; other programs have no limits.
MAX_TEACHERS = 200
MAX_TEACHER_ID_BYTES = 1_020  # 255 characters.


@dataclass(frozen=True, slots=True)
class ListedCourse:
    """A course as in lists."""

    course_id: str
    title: str
    teacher_ids: tuple[str, ...]
    material_count: int


@dataclass(frozen=True, slots=True)
class ListedCourses:
    """Some courses in order; ``next`` is the id after which the others follow, if there are any."""

    courses: tuple[ListedCourse, ...]
    next: str | None


class CourseList:
    """Queries over ``courses`` for lists. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def page(self, *, teacher_id: str | None, after: str | None, limit: int) -> ListedCourses:
        """At most *limit* courses in the order of their ids, after the id *after*.

        Omits documents that are not readable courses, and courses whose ids no call accepts. The
        page is shorter if the courses are large, so that a call reads a bounded amount.

        Args:
            teacher_id: whose courses; ``None`` for all.
            after: the last id of the page before; ``None`` for the first page.
            limit: the maximum number of courses.
        """
        found: list[Mapping[str, Any]] = []
        read_bytes, wanted = 0, FIRST_COURSES
        while True:
            missing = limit + 1 - len(found)  # One more shows that there is a next page.
            wanted = min(wanted, missing)
            some = await self._read(teacher_id, found[-1]["_id"] if found else after, wanted)
            found += some
            read_bytes += sum(document["bytes"] for document in some)
            if len(some) < wanted:
                return ListedCourses(tuple(map(_to_listed, found)), None)
            if len(found) > limit or read_bytes >= MAX_READ_BYTES:
                page = found[:limit]
                return ListedCourses(tuple(map(_to_listed, page)), page[-1]["_id"])
            wanted = max(1, (MAX_READ_BYTES - read_bytes) * len(found) // read_bytes)

    async def _read(
        self, teacher_id: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        match: dict[str, Any] = dict(_READABLE)
        if teacher_id is not None:
            match["teacher_ids"] = {"$eq": teacher_id, "$type": "array"}
        if after is not None:
            match["_id"] = {**match["_id"], "$gt": after}
        stages: list[dict[str, Any]] = [
            {"$match": match},
            {"$sort": {"_id": 1}},
            {"$limit": limit},
            {"$project": _ROW},
        ]
        with driver_errors("list courses"):
            return await self._reads.aggregate(COURSES, stages)


_READABLE: dict[str, Any] = {
    "_id": {"$regex": ID_PATTERN.removesuffix("$") + r"\z"},
    "title": {"$type": "string", "$not": {"$type": "array"}},
    "$or": [{"materials": None}, {"materials": {"$type": "array"}}],
}
"""Matches what `to_course` reads, under an id that calls accept."""


def _texts(array: Expression, *, max_bytes: int) -> Expression:
    """The elements of *array* that are text of at most so many bytes."""
    is_short = {"$lte": [{"$strLenBytes": "$$this"}, max_bytes]}
    is_text = {"$eq": [{"$type": "$$this"}, "string"]}
    return {"$filter": {"input": array, "cond": {"$cond": [is_text, is_short, False]}}}


_TEACHERS = {"$cond": [{"$isArray": "$teacher_ids"}, "$teacher_ids", []]}
_MATERIAL_IDS = {"$ifNull": ["$materials.material_id", []]}
_ANY_LENGTH = 2**31 - 1
_ROW = {
    "title": {"$substrCP": ["$title", 0, MAX_TITLE_CHARACTERS]},
    "teacher_ids": {
        "$slice": [_texts(_TEACHERS, max_bytes=MAX_TEACHER_ID_BYTES), MAX_TEACHERS],
    },
    "materials": {"$size": {"$setUnion": [_texts(_MATERIAL_IDS, max_bytes=_ANY_LENGTH)]}},
    "bytes": {"$bsonSize": "$$ROOT"},
}


def _to_listed(document: Mapping[str, Any]) -> ListedCourse:
    return ListedCourse(
        document["_id"],
        document["title"],
        tuple(document["teacher_ids"]),
        document["materials"],
    )
