"""The positions of a record's devices as an update expression."""

from __future__ import annotations

from progress_service.domain.progress import Report
from progress_service.mongo.expressions import Expression, encoded, let

MAX_DEVICES = 8


def newest_positions_of_devices(report: Report) -> Expression:
    """The newest position of each device, latest devices first, at most `MAX_DEVICES`.

    The fields are in the order of comparison, so ``$max`` and the sort need no key.
    """
    new = {
        "ranks": report.is_deliberate,
        "observed_at": report.observed_at,
        "watch_time": report.position_seconds,
        "furthest_time": report.furthest_seconds,
        "played_seconds": report.played_seconds,
        "session_id": report.session_id,
        "playing": report.kind == "heartbeat",
        "device_id": report.device_id,
    }
    return let({"new": new}, _NEWEST_POSITIONS)


_DEVICES: Expression = {"$ifNull": ["$devices", []]}
_MINE = {"$filter": {"input": _DEVICES, "cond": {"$eq": ["$$this.device_id", "$$new.device_id"]}}}
_NEWEST_OF_MINE: Expression = {"$max": [{"$first": "$$mine"}, "$$new"]}
_EVERYONE = {"$concatArrays": [{"$setDifference": [_DEVICES, "$$mine"]}, [_NEWEST_OF_MINE]]}
_NEWEST_POSITIONS = encoded(
    let(
        {"mine": _MINE},
        {"$slice": [{"$sortArray": {"input": _EVERYONE, "sortBy": -1}}, MAX_DEVICES]},
    )
)
