"""Which records can be counted: those whose fields have the types that this service writes.

An aggregation fails where one value has another type, so it counts no other records. They are
rewritten first. Most checks compare whole arrays, because that takes one step for many values.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from progress_service.domain.progress import MAX_DURATION_SECONDS, MAX_PLAYED_SECONDS
from progress_service.mongo.expressions import Expression, let, values_of
from progress_service.progress.sessions import MAX_STORED_BYTES

MAX_SESSIONS_BYTES = 2 * MAX_STORED_BYTES  # More would take seconds to count.
_NUMBERS = (
    "watch_time",
    "total_duration",
    "furthest_percentage",
    "furthest_since_unmark",
    "furthest_time",
    "watched_seconds",
)
_DATES = ("last_watched", "completed_at", "unmarked_at")
_FIRST_DAY = datetime(1, 1, 2, tzinfo=UTC)  # Others cannot be read in each time zone.
_LAST_DAY = datetime(9999, 12, 30, tzinfo=UTC)


def _is_none(field: str) -> Expression:
    return {"$lte": [f"${field}", None]}


def _is_array_or_none(field: str) -> Expression:
    return {"$or": [_is_none(field), {"$isArray": f"${field}"}]}


def _is_within(value: Expression, most: object, *, least: object = 0) -> Expression:
    """Values of other types sort below numbers or above them, and below arrays or above them."""
    return {"$and": [{"$gte": [value, least]}, {"$lte": [value, most]}]}


def _are_within(values: Expression, most: object, *, least: object) -> Expression:
    """As `_is_within`; the smallest and the largest of values leave out null."""
    return {
        "$and": [
            {"$gte": [{"$min": values}, least]},
            {"$lte": [{"$max": values}, most]},
            {"$not": [{"$in": [None, values]}]},
        ]
    }


def _are_spans(spans: Expression) -> Expression:
    """True when each element of the array *spans* is an array of seconds."""
    edge = MAX_DURATION_SECONDS
    ends = {"$map": {"input": "$$spans", "as": "span", "in": {"$last": "$$span"}}}
    return let(
        {"spans": spans},
        {
            "$cond": [
                {"$eq": ["$$spans", []]},
                True,
                {
                    "$cond": [
                        _are_within("$$spans", [edge, edge], least=[0]),
                        let({"ends": ends}, _are_within("$$ends", edge, least=0)),
                        False,
                    ]
                },
            ]
        },
    )


_IS_SESSION: Expression = {
    "$cond": [
        {"$eq": [{"$type": "$$session.spans"}, "object"]},
        {
            "$and": [
                _is_within("$$session.played_seconds", MAX_PLAYED_SECONDS),
                _are_spans(values_of("$$session.spans")),
            ]
        },
        False,
    ]
}
_ARE_SESSIONS: Expression = {
    "$switch": {
        "branches": [
            {"case": {"$lte": ["$sessions", None]}, "then": True},
            {"case": {"$ne": [{"$type": "$sessions"}, "object"]}, "then": False},
            {"case": {"$gt": [{"$bsonSize": "$sessions"}, MAX_SESSIONS_BYTES]}, "then": False},
        ],
        "default": {
            "$allElementsTrue": [
                {"$map": {"input": values_of("$sessions"), "as": "session", "in": _IS_SESSION}}
            ]
        },
    }
}
IS_OWN: Expression = {
    "$and": [
        _is_within("$stored_at", _LAST_DAY, least=_FIRST_DAY),
        *(
            {"$or": [_is_none(name), _is_within(f"${name}", MAX_DURATION_SECONDS)]}
            for name in _NUMBERS
        ),
        *(
            {"$or": [_is_none(name), _is_within(f"${name}", _LAST_DAY, least=_FIRST_DAY)]}
            for name in _DATES
        ),
        _is_array_or_none("devices"),
        {"$lte": [{"$max": "$devices.furthest_time"}, math.inf]},
        _is_array_or_none("watched_spans"),
        _are_spans({"$cond": [{"$isArray": "$watched_spans"}, "$watched_spans", []]}),
        _ARE_SESSIONS,
    ]
}
"""True for a record that can be counted."""
