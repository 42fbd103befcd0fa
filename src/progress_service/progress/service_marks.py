"""Which service marked a record, as update expressions and for the merge of duplicates.

Two fields beside the completion, each ``{at, service}``: ``marked_by`` is the earliest mark by a
service since the last unmark, ``unmarked_by`` the newest unmark by a service. A service completed
the material exactly if ``marked_by.at`` equals ``completed_at``. Reports and the student's own
marks leave both fields as they are, except that every unmark removes ``marked_by``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from progress_service.mongo.expressions import Expression, encoded

Form = Mapping[str, Any]


def _is_own(name: str) -> Expression:
    """True when the field has the form of this version; another program may use the name."""
    return {
        "$and": [
            {"$eq": [{"$type": f"${name}.at"}, "date"]},
            {"$eq": [{"$type": f"${name}.service"}, "string"]},
        ]
    }


_IS_MARKED = encoded(_is_own("marked_by"))
_MARK: Expression = {"$cond": [_IS_MARKED, "$marked_by", None]}
_UNMARK = encoded({"$cond": [_is_own("unmarked_by"), "$unmarked_by", None]})
MARKED_AT: Expression = encoded({"$cond": [_IS_MARKED, "$marked_by.at", None]})
"""The time of the earliest mark by a service; null if there is none."""


def marked(moment: Any, service_id: str) -> Expression:
    """The fields after a mark at *moment*.

    Documents are compared by their fields in order: the time first, then the service.
    """
    return {"marked_by": {"$min": [_MARK, _by(moment, service_id)]}}


def unmarked(moment: Any, service_id: str | None) -> dict[str, Expression]:
    """The fields after an unmark at *moment*; without a *service_id*, by the student."""
    fields: dict[str, Expression] = {"marked_by": _CANCELLED}
    if service_id is not None:
        fields["unmarked_by"] = {"$max": [_UNMARK, _by(moment, service_id)]}
    return fields


_CANCELLED: Expression = encoded({"$cond": [_IS_MARKED, None, "$marked_by"]})


def _by(moment: Any, service_id: str) -> Expression:
    return {"at": moment, "service": {"$literal": service_id}}  # Ids may begin with "$".


def merged_service_marks(forms: Iterable[Form], *, unmarked_at: datetime | None) -> dict[str, Any]:
    """Both fields of several records of one student and one material."""
    forms, fields = list(forms), {}
    marks = [(form, mark) for form in forms if (mark := _own_mark(form.get("marked_by")))]
    counting = [mark for form, mark in marks if counts(form, mark["at"], unmarked_at=unmarked_at)]
    if marks:
        fields["marked_by"] = min(counting, key=_rank, default=None)
    if unmarks := [mark for form in forms if (mark := _own_mark(form.get("unmarked_by")))]:
        fields["unmarked_by"] = max(unmarks, key=_rank)
    return fields


def counts(form: Form, at: datetime, *, unmarked_at: datetime | None) -> bool:
    """True when *unmarked_at*, the last unmark of all forms, does not cancel what *form* has.

    A form with that unmark has completions that were stored after it, whatever their time.
    """
    return unmarked_at is None or at > unmarked_at or form.get("unmarked_at") == unmarked_at


def _own_mark(value: Any) -> Form | None:
    if not isinstance(value, Mapping):
        return None
    is_own = isinstance(value.get("at"), datetime) and isinstance(value.get("service"), str)
    return value if is_own else None


def _rank(mark: Form) -> tuple[datetime, bytes]:
    return mark["at"], mark["service"].encode()  # The database compares text by its bytes.
