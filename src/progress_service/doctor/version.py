"""`version`: whether the database has the patches that the service requires."""

from __future__ import annotations

from collections.abc import Sequence

from progress_service.doctor.findings import Finding, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database

CHECK = "version"
REQUIRED = {(7, 0): 32, (8, 0): 21}
"""Series → its first patch without the vulnerabilities known when this was written. Before 7.0.22,
retried upserts could crash nodes, and most writes of the service are upserts."""
REMEDY = "upgrade to MongoDB 7.0.32, 8.0.21 or a newer patch, one member after the other."


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The version of the member that responds.

    Raises:
        PyMongoError: it does not respond.
    """
    found = await database.client.admin.command("buildInfo")
    return [judge(str(found["version"]), [int(part) for part in found["versionArray"][:3]])]


def judge(name: str, parts: Sequence[int]) -> Finding:
    """The finding about a version, such as ``7.0.32`` and ``[7, 0, 32]``."""
    major, minor, patch = parts
    series = (major, minor)
    if series < min(REQUIRED):
        return warning(CHECK, f"MongoDB {name} is past its end of life", REMEDY)
    if series in REQUIRED and patch < REQUIRED[series]:
        return warning(CHECK, f"MongoDB {name} lacks patches for known faults", REMEDY)
    if series not in REQUIRED and series < max(REQUIRED):
        return warning(CHECK, f"MongoDB {name} is a series without patches", REMEDY)
    return ok(CHECK, f"MongoDB {name}")
