"""`disk`: how full the file system is that holds the primary's data."""

from __future__ import annotations

from collections.abc import Sequence

from progress_service.doctor.findings import Finding, error, ok, skipped, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database

CHECK = "disk"
WARNING_SHARE = 0.8  # Time to order a larger disk; copies and index builds need free space too.
ERROR_SHARE = 0.95  # mongod stops when it cannot write its journal.
GIBIBYTE = 2**30


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The file system of the primary; those of the other members are not visible from here.

    Raises:
        PyMongoError: the database does not respond.
    """
    stats = await database.command("dbStats")
    if not stats.get("fsTotalSize"):
        return [skipped(CHECK, "the server does not say", "check the disks of its members.")]
    return [judge(used_bytes=stats["fsUsedSize"], total_bytes=stats["fsTotalSize"])]


def judge(*, used_bytes: float, total_bytes: float) -> Finding:
    """The finding about a file system."""
    share = used_bytes / total_bytes
    free = f"{(total_bytes - used_bytes) / GIBIBYTE:.1f} GiB free"
    finding = f"the primary's disk is {share:.0%} full ({free})"
    remedy = "enlarge it, or remove what else is on it; then check the other members too."
    if share >= ERROR_SHARE:
        return error(CHECK, f"{finding}; writes are about to fail", remedy)
    if share >= WARNING_SHARE:
        return warning(CHECK, finding, remedy)
    return ok(CHECK, finding)
