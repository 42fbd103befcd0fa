"""`write_latency`: how long a journaled write to the majority takes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from statistics import median

from pymongo.errors import OperationFailure, PyMongoError

from progress_service.doctor.findings import UNAUTHORIZED, Finding, error, ok, skipped, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database
from progress_service.mongo.schema import DOCTOR_PROBES

CHECK = "write_latency"
WRITES = 7
WARNING_MILLISECONDS = 50.0  # An update is one write, and shall take less than 100 ms in all.
ERROR_MILLISECONDS = 1_000.0  # Batches of reports then queue up towards their deadline of 5 s.


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The median of some writes to a collection of their own, which is dropped again.

    Raises:
        PyMongoError: a write failed.
    """
    probes = database[DOCTOR_PROBES]
    key = {"_id": uuid.uuid4().hex}
    times = []
    try:
        await probes.update_one(key, {"$inc": {"writes": 1}}, upsert=True)  # creates the collection
        for _write in range(WRITES):
            began = time.perf_counter()
            await probes.update_one(key, {"$inc": {"writes": 1}}, upsert=True)
            times.append((time.perf_counter() - began) * 1_000)
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        return [skipped(CHECK, "the user may not write", "see the check `privileges`.")]
    finally:
        with suppress(PyMongoError):
            await probes.drop()
    return [judge(median(times))]


def judge(milliseconds: float) -> Finding:
    """The finding about the median duration of a write."""
    finding = f"a journaled majority write takes {milliseconds:.1f} ms"
    remedy = (
        "check disks (journals belong on SSDs), the network between the members, and their load; "
        "the second slowest member decides."
    )
    if milliseconds > ERROR_MILLISECONDS:
        return error(CHECK, finding, remedy)
    if milliseconds > WARNING_MILLISECONDS:
        return warning(CHECK, finding, remedy)
    return ok(CHECK, finding)
