"""The owner of ``analytics_releases``: releases, and the pace at which they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from pymongo.errors import DuplicateKeyError

from progress_service.analytics.documents import AnyRelease, to_document, to_release
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.releases import Release
from progress_service.domain.snapshots import C
from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import ANALYTICS_RELEASES
from progress_service.pacing import paced

SHARE_OF_DATABASE = 0.1  # The most of the database's time that making releases takes.
BURST_SECONDS = 0.5  # So much of its time at once, when none was taken before.
_PACE = "pace"  # Other ids have a slash.


WHOLE_COURSE = ""
"""In the place of a material: the release of the course itself."""


@dataclass(frozen=True, slots=True)
class StoredRelease(Generic[C]):
    """A release, and the number of times it was replaced."""

    release: Release[C]
    revision: int


class AnalyticsStore:
    """Queries over ``analytics_releases``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._releases = database[ANALYTICS_RELEASES]

    async def videos(
        self, course_id: str, material_ids: Sequence[str]
    ) -> dict[str, StoredRelease[ClassCounts]]:
        """The releases of videos that exist, by material."""
        ids = {release_id(course_id, mid): mid for mid in material_ids}
        found = await self._find(list(ids))
        releases: dict[str, StoredRelease[ClassCounts]] = {}
        async for document in paced(found):
            release = to_release(document, ClassCounts)
            releases[ids[document["_id"]]] = StoredRelease(release, document["revision"])
        return releases

    async def course(self, course_id: str) -> StoredRelease[CourseCounts] | None:
        """The release of the course, if there is one."""
        for document in await self._find([release_id(course_id, WHOLE_COURSE)]):
            return StoredRelease(to_release(document, CourseCounts), document["revision"])
        return None

    async def _find(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        with driver_errors("read analytics"):
            return await self._database.reads.find(ANALYTICS_RELEASES, {"_id": {"$in": ids}})

    async def replace(
        self, course_id: str, material_id: str, release: AnyRelease, *, revision: int
    ) -> bool:
        """Store *release* if the stored one still has *revision*; 0 if there is none."""
        key = {"_id": release_id(course_id, material_id)}
        document = {**key, "revision": revision + 1, **to_document(release)}
        with driver_errors("store analytics"):
            try:
                result = await self._releases.replace_one(
                    {**key, "revision": revision}, document, upsert=revision == 0
                )
            except DuplicateKeyError:
                return False
        return bool(result.matched_count or result.upserted_id)

    # -- the pace ------------------------------------------------------------------------------

    async def claim(self, seconds: float) -> float:
        """Claim *seconds* of the database's time, for all processes.

        Returns:
            0 if they may be used now, else in how many seconds to try again.
        """
        burst_ms = int(BURST_SECONDS / SHARE_OF_DATABASE * 1_000)
        used_ms = int(seconds / SHARE_OF_DATABASE * 1_000)
        since = {"$max": ["$used_until", "$$NOW"]}
        may_use = {"$lte": [since, {"$add": ["$$NOW", burst_ms]}]}
        update: list[Mapping[str, Any]] = [
            {"$set": {"may_use": may_use, "now": "$$NOW"}},
            {
                "$set": {
                    "used_until": {"$cond": ["$may_use", {"$add": [since, used_ms]}, "$used_until"]}
                }
            },
        ]
        with driver_errors("pace analytics"):
            pace = await self._releases.find_one_and_update(
                {"_id": _PACE}, update, upsert=True, return_document=True
            )
        if pace["may_use"]:
            return 0.0
        wait_ms: float = (pace["used_until"] - pace["now"]).total_seconds() * 1_000 - burst_ms
        return max(wait_ms, 1.0) / 1_000

    async def settle(self, seconds: float) -> None:
        """Add *seconds* to those claimed: the difference to those that were used."""
        used_ms = int(seconds / SHARE_OF_DATABASE * 1_000)
        with driver_errors("pace analytics"):
            await self._releases.update_one(
                {"_id": _PACE}, [{"$set": {"used_until": {"$add": ["$used_until", used_ms]}}}]
            )

    async def database_time(self) -> datetime:
        """The clock of the database, which stamps records."""
        with driver_errors("read clock"):
            hello = await self._database.client.admin.command("hello")
        now = in_utc(hello["localTime"].replace(tzinfo=None))
        assert now is not None  # noqa: S101
        return now


def release_id(course_id: str, material_id: str) -> str:
    """The ``_id`` of a release. Ids have no slash."""
    return f"{course_id}/{material_id}"
