"""Decides which process delivers: the one that holds the lease."""

from __future__ import annotations

import time
import uuid

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import in_seconds
from progress_service.mongo.leases import has_ended, set_if
from progress_service.mongo.schema import OUTBOX

LEASE_SECONDS = 7.0  # The others take over after that time when a process dies.
RENEW_SECONDS = 2.0
LEASE_ID = "lease"  # The document that holds it.


class Lease:
    """The right to deliver. All times are those of the database, so wrong clocks do not matter."""

    def __init__(self, database: Database) -> None:
        self._outbox = database[OUTBOX]
        self._owner = uuid.uuid4().hex
        self._ends_at = 0.0  # by the monotonic clock, and never later than in the database

    @property
    def is_held(self) -> bool:
        """False once the lease may belong to another process."""
        return time.monotonic() < self._ends_at

    async def acquire(self) -> bool:
        """Take or renew the lease; false while another process holds it."""
        asked_at = time.monotonic()
        is_free = {"$or": [{"$eq": ["$owner", self._owner]}, has_ended("until")]}
        taken = {"owner": self._owner, "until": in_seconds(LEASE_SECONDS)}
        with driver_errors("acquire outbox lease"):
            lease = await self._outbox.find_one_and_update(
                {"_id": LEASE_ID}, [set_if(is_free, taken)], upsert=True, return_document=True
            )
        is_mine: bool = lease["owner"] == self._owner
        self._ends_at = asked_at + LEASE_SECONDS if is_mine else 0.0
        return is_mine

    async def release(self) -> None:
        """Let another process take over at once."""
        self._ends_at = 0.0
        with driver_errors("release outbox lease"):
            await self._outbox.update_one(
                {"_id": LEASE_ID, "owner": self._owner}, [{"$set": {"until": "$$NOW"}}]
            )
