"""Merges two records of one student and one video, by the rules that `merge` has for reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from progress_service.domain.intervals import Coverage, total_seconds, unite
from progress_service.domain.progress import LOW_POSITION_SECONDS, MAX_DURATION_SECONDS
from progress_service.progress.devices import MAX_DEVICES
from progress_service.progress.service_marks import counts, merged_service_marks
from progress_service.progress.session_forms import unite_sessions

Form = dict[str, Any]
"""A record as `modernize.current_form` returns it."""

_NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - as the database reads times
_POSITION_FIELDS = ("watch_time", "total_duration", "progress_percentage", "last_watched")


def merge_forms(one: Form, other: Form) -> Form:
    """Both records as one. Their order matters only for fields of other programs: *one* wins.

    The newest position wins, coverage is united, the earliest completion after the last unmark
    counts, each device has its newest position, and sessions are united.
    """
    merged = {**other, **one}
    winner = max((one, other), key=_rank)
    for name in _POSITION_FIELDS:
        merged.pop(name, None)
        if name in winner:
            merged[name] = winner[name]
    merged |= _marks(one, other) | _coverage(one, other)
    if restarts := [form["restart_at"] for form in (one, other) if form.get("restart_at")]:
        merged["restart_at"] = max(restarts)
    if devices := _devices([*one.get("devices", ()), *other.get("devices", ())]):
        merged["devices"] = devices
    if sessions := unite_sessions(one.get("sessions", {}), other.get("sessions", {})):
        merged["sessions"] = sessions
    merged["stored_at"] = max(one["stored_at"], other["stored_at"])
    return merged


def _rank(form: Mapping[str, Any]) -> tuple[bool, datetime, float, float]:
    """A low start without a restart ranks lowest; then the newest wins, then the furthest."""
    at, position = form.get("last_watched") or _NEVER, form.get("watch_time", 0.0)
    is_restart = form.get("restart_at") is not None and form["restart_at"] == at
    return (
        position >= LOW_POSITION_SECONDS or is_restart,
        at,
        position,
        form.get("total_duration", 0.0),
    )


def _marks(one: Form, other: Form) -> Form:
    forms = (one, other)
    fields: Form = {}
    if furthest := [f["furthest_percentage"] for f in forms if f.get("furthest_percentage")]:
        fields["furthest_percentage"] = max(furthest)
    unmarked_at = max((f["unmarked_at"] for f in forms if f.get("unmarked_at")), default=None)
    if unmarked_at is not None:
        since = [percent for f in forms if (percent := _since(f, unmarked_at)) is not None]
        fields["unmarked_at"] = unmarked_at
        fields["furthest_since_unmark"] = max(since, default=None)
    if any("completed_at" in form for form in forms):
        moments = [(form, form["completed_at"]) for form in forms if form.get("completed_at")]
        counting = [at for form, at in moments if counts(form, at, unmarked_at=unmarked_at)]
        fields["completed_at"] = min(counting, default=None)
    return fields | merged_service_marks(forms, unmarked_at=unmarked_at)


def _since(form: Form, unmarked_at: datetime) -> float | None:
    if form.get("unmarked_at") == unmarked_at:
        percent: float | None = form.get("furthest_since_unmark")
        return percent
    at = form.get("last_watched")
    return form["progress_percentage"] if at is not None and at > unmarked_at else None


def _coverage(one: Form, other: Form) -> Form:
    before, added = (
        Coverage(
            tuple((start, end) for start, end in form.get("watched_spans", ())),
            form.get("watched_grid_seconds"),
        )
        for form in (one, other)
    )
    if not before.spans and not added.spans:
        return {}
    lengths = [form.get("total_duration", 0.0) for form in (one, other)]
    covered = unite(before, added, length_seconds=max(lengths) or MAX_DURATION_SECONDS)
    fields: Form = {
        "watched_spans": [list(span) for span in covered.spans],
        "watched_seconds": round(total_seconds(covered.spans), 3),
    }
    if covered.grid_seconds is not None:
        fields["watched_grid_seconds"] = covered.grid_seconds
    return fields


def _devices(devices: list[Form]) -> list[Form]:
    newest: dict[str, Form] = {}
    for device in devices:
        held = newest.get(device["device_id"])
        if held is None or _device_rank(device) > _device_rank(held):
            newest[device["device_id"]] = device
    return sorted(newest.values(), key=_device_rank, reverse=True)[:MAX_DEVICES]


def _device_rank(device: Form) -> tuple[bool, datetime, float, float, float, str, bool, str]:
    """The fields in the order in which the database compares them; null sorts first."""
    furthest, played = device["furthest_time"], device["played_seconds"]
    return (
        device["ranks"],
        device["observed_at"],
        device["watch_time"],
        -1.0 if furthest is None else furthest,
        -1.0 if played is None else played,
        device["session_id"] or "",
        device["playing"],
        device["device_id"],
    )
