"""The owner of ``analytics_releases``: releases, and the pace at which they are made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple

from cachetools import LRUCache
from pymongo.errors import DuplicateKeyError

from progress_service.analytics.documents import AnyRelease, to_document, to_release
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.releases import Release
from progress_service.domain.snapshots import C
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import ANALYTICS_RELEASES
from progress_service.mongo.server_time import read_server_time

SHARE_OF_DATABASE = 0.1  # The most of the database's time that making releases takes.
BURST_SECONDS = 0.5  # So much of its time at once, when none was taken before.
MAX_CACHED = 500  # Releases of videos: a decoded one takes some 20 kB.
_PACE = "pace"  # Other ids have a slash.

WHOLE_COURSE = ""
"""In the place of a material: the release of the course itself."""


class Version(NamedTuple):
    """Which release is stored. A rebuilt collection counts its revisions from the start again."""

    revision: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class StoredRelease(Generic[C]):
    """A release, and its version; ``revision`` counts how often it was replaced."""

    release: Release[C]
    version: Version

    @property
    def revision(self) -> int:
        """How often the release was replaced."""
        return self.version.revision


class AnalyticsStore:
    """Queries over ``analytics_releases``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._releases = database[ANALYTICS_RELEASES]
        self._cached: LRUCache[str, StoredRelease[ClassCounts]] = LRUCache(MAX_CACHED)

    async def videos(
        self, course_id: str, material_ids: Sequence[str]
    ) -> dict[str, StoredRelease[ClassCounts]]:
        """The releases of videos that exist, by material; reads those that have changed."""
        ids = {release_id(course_id, mid): mid for mid in material_ids}
        held = {key: self._cached.get(key) for key in ids}
        versions = await self._versions(list(ids))
        changed = [key for key, version in versions.items() if _version(held[key]) != version]
        for document in await self._find(changed) if changed else ():
            held[document["_id"]] = _stored(document, ClassCounts)
            await asyncio.sleep(0)
        releases = {}
        for key in versions:
            if (stored := held[key]) is not None:
                self._cached[key] = releases[ids[key]] = stored
        return releases

    async def course(self, course_id: str) -> StoredRelease[CourseCounts] | None:
        """The release of the course, if there is one."""
        for document in await self._find([release_id(course_id, WHOLE_COURSE)]):
            return _stored(document, CourseCounts)
        return None

    async def _versions(self, ids: Sequence[str]) -> dict[str, Version]:
        found = await self._find(ids, fields={"revision": 1, "whole.as_of": 1})
        return {document["_id"]: _version_in(document) for document in found}

    async def _find(
        self, ids: Sequence[str], fields: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        query = {"_id": {"$in": list(ids)}}
        with driver_errors("read analytics"):
            return await self._database.reads.find(ANALYTICS_RELEASES, query, fields=fields)

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
            return (await read_server_time(self._database)).now


def release_id(course_id: str, material_id: str) -> str:
    """The ``_id`` of a release. Ids have no slash."""
    return f"{course_id}/{material_id}"


def _stored(document: Mapping[str, Any], counts: type[C]) -> StoredRelease[C]:
    return StoredRelease(to_release(document, counts), _version_in(document))


def _version(stored: StoredRelease[C] | None) -> Version | None:
    return stored.version if stored is not None else None


def _version_in(document: Mapping[str, Any]) -> Version:
    return Version(document["revision"], document["whole"]["as_of"])
