"""`oplog_window`: how far back the oplog reaches, and so for how long a member may be down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from progress_service.doctor.findings import Finding, ok, skipped, warning
from progress_service.doctor.installation import Installation
from progress_service.doctor.replica_set import IS_MONGOS
from progress_service.mongo.client import Database

CHECK = "oplog_window"
MIN_HOURS = (
    24.0  # A night and a working day: time to notice that a member is down, and to start it.
)
FULL_SHARE = 0.9  # From here on, old entries are removed about as fast as new ones are added.
MIN_OBSERVED_HOURS = 1.0  # Shorter periods say nothing about a usual day.
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Oplog:
    """The age of its oldest entry, and how much of its permitted size it uses."""

    hours: float
    used_share: float

    @property
    def is_full(self) -> bool:
        """True if its oldest entries are being removed."""
        return self.used_share >= FULL_SHARE

    @property
    def hours_when_full(self) -> float:
        """How far it reaches back once it is full, if writes go on as they did."""
        return self.hours if self.is_full else self.hours / max(self.used_share, 1e-9)


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The window of the primary's oplog.

    Raises:
        PyMongoError: the database does not respond, or the user may not read ``local``.
    """
    hello = await database.client.admin.command("hello")
    if hello.get("msg") == IS_MONGOS:
        return [skipped(CHECK, "mongos has no oplog", "run this check on each shard.")]
    if "setName" not in hello:
        return [skipped(CHECK, "a single node has no oplog", "see the check `replica_set`.")]
    return [judge(await _read(database))]


def judge(oplog: Oplog) -> Finding:
    """The finding about *oplog*."""
    size = f"{oplog.used_share:.0%} of its size used"
    remedy = "enlarge it with replSetResizeOplog, or set minRetentionHours: 24."
    if oplog.is_full:
        finding = f"the oplog reaches back {oplog.hours:.1f} h ({size})"
        if oplog.hours < MIN_HOURS:
            return warning(
                CHECK, f"{finding}; a member that is down for longer must be copied anew", remedy
            )
        return ok(CHECK, finding)
    finding = f"the oplog holds the last {oplog.hours:.1f} h ({size}), and is not full yet"
    if oplog.hours >= MIN_OBSERVED_HOURS and oplog.hours_when_full < MIN_HOURS:
        later = f"{finding}; when it is, it will reach back {oplog.hours_when_full:.1f} h"
        return warning(CHECK, later, remedy)
    return ok(CHECK, finding)


async def _read(database: Database) -> Oplog:
    oplog = database.client.local["oplog.rs"]
    first: Document | None = await oplog.find_one({}, {"ts": 1}, sort=[("$natural", 1)])
    last: Document | None = await oplog.find_one({}, {"ts": 1}, sort=[("$natural", -1)])
    [stats] = await oplog.aggregate([{"$collStats": {"storageStats": {}}}]).to_list(1)
    storage = stats["storageStats"]
    seconds = last["ts"].time - first["ts"].time if first and last else 0
    return Oplog(seconds / 3_600, storage["size"] / max(storage["maxSize"], 1))
