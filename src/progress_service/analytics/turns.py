"""Shares counting among processes, so that a change is counted by one of them only."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import Expression, in_seconds
from progress_service.mongo.leases import has_ended, set_if
from progress_service.mongo.schema import ANALYTICS_RELEASES

LEASE_SECONDS = 30.0  # A process that was killed keeps its turns for so long.
RENEW_SECONDS = 10.0
_TAKEN, _COUNTED = "taken", "counted"  # Otherwise, another process is counting.


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that suffices has begun so many seconds ago, in any process."""

    seconds_ago: float


class Turn:
    """The right to count one video or course; `renew` keeps it."""

    def __init__(self, database: Database, key: str, owner: str) -> None:
        self._turns = database[ANALYTICS_RELEASES]
        self._mine = {"_id": key, "owner": owner}
        self._renewed_at = time.monotonic()

    async def renew(self) -> None:
        """Keep the turn if it would end soon."""
        if time.monotonic() - self._renewed_at < RENEW_SECONDS:
            return
        self._renewed_at = time.monotonic()
        await self._set({"until": in_seconds(LEASE_SECONDS)})

    async def finish(self) -> None:
        """The count is complete."""
        await self._set({"until": "$$NOW", "counted_at": "$begun_at"})

    async def abandon(self) -> None:
        """The count has failed; another process may begin one."""
        await self._set({"until": "$$NOW"})

    async def _set(self, fields: Mapping[str, Expression]) -> None:
        with driver_errors("share counting"):
            await self._turns.update_one(self._mine, [{"$set": fields}])


class Turns:
    """Turns of all processes. They are stored beside the releases; no id of these has two slashes.

    All times are those of the database, so the clocks of the processes do not matter.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, course_id: str, material_id: str, *, max_age_seconds: float
    ) -> Turn | Counted | None:
        """The turn to count, unless a count suffices that is at most so old.

        Returns:
            ``None`` while another process is counting.
        """
        key, owner = f"count/{course_id}/{material_id}", uuid.uuid4().hex
        with driver_errors("share counting"):
            turn = await self._database[ANALYTICS_RELEASES].find_one_and_update(
                {"_id": key}, _take(owner, max_age_seconds), upsert=True, return_document=True
            )
        if turn["state"] == _COUNTED:
            return Counted(turn["age_ms"] / 1_000)
        return Turn(self._database, key, owner) if turn["owner"] == owner else None


def _take(owner: str, max_age_seconds: float) -> list[Mapping[str, Any]]:
    age_ms = {"$subtract": ["$$NOW", "$counted_at"]}  # null before the first count
    max_age_ms = int(max_age_seconds * 1_000) - 1  # Both times are cut to milliseconds.
    suffices = {"$and": ["$counted_at", {"$lt": [age_ms, max_age_ms]}]}
    state = {"$cond": [suffices, _COUNTED, {"$cond": [has_ended("until"), _TAKEN, "busy"]}]}
    taken = {"owner": owner, "begun_at": "$$NOW", "until": in_seconds(LEASE_SECONDS)}
    is_taken = {"$eq": ["$state", _TAKEN]}
    return [{"$set": {"state": state, "age_ms": age_ms}}, set_if(is_taken, taken)]
