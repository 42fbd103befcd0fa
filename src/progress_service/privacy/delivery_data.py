"""What is stored about students in order to notify other systems."""

from __future__ import annotations

from progress_service.mongo.schema import OUTBOX, XAPI_STATEMENTS
from progress_service.outbox.documents import DELIVERY, EVENT
from progress_service.privacy.declarations import DeclaredField, StoredData, exported
from progress_service.privacy.student_data import ON_ERASURE

_EVENT_FIELDS = (
    DeclaredField("student_id", "Whom it is about.", exported_as="student_id of the first line"),
    DeclaredField("kind", "Distinguishes events and deliveries.", exported_as="kind"),
    *exported(
        type="What happened.",
        occurred_at="When it happened.",
        created_at="When it was stored.",
    ),
    DeclaredField("data.student_id", "Whom it is about.", exported_as="data.student_id"),
    DeclaredField("data.course_id", "In which course.", exported_as="data.course_id"),
    DeclaredField("data.material_id", "Which material.", exported_as="data.material_id"),
    DeclaredField("data.session_id", "Which session ended.", exported_as="data.session_id"),
    DeclaredField("data.completed_at", "When it was completed.", exported_as="data.completed_at"),
    DeclaredField("data.webhook_id", "Which webhook is tested; about nobody.", "data.webhook_id"),
    DeclaredField(
        "trace_parent",
        "The trace of the request that caused it, if requests are traced; random.",
        exported_as="trace_parent",
    ),
    DeclaredField("data.erased_at", "When the student was erased.", exported_as="data.erased_at"),
)

EVENTS = StoredData(
    OUTBOX,
    about="students",
    owner="student_id",
    line_kind=EVENT,
    document_kind=EVENT,
    retained="30 days, or PROGRESS_RETAIN_DAYS if that is less",
    erased=ON_ERASURE,
    fields=(
        DeclaredField("_id", "The same for the same event.", exported_as="event_id"),
        *_EVENT_FIELDS,
        DeclaredField("route_at", "When its deliveries are due.", exported_as="route_at"),
    ),
)
DELIVERIES = StoredData(
    OUTBOX,
    about="students",
    owner="student_id",
    line_kind=DELIVERY,
    document_kind=DELIVERY,
    retained="30 days after its end, or PROGRESS_RETAIN_DAYS if that is less",
    erased=ON_ERASURE,
    fields=(
        DeclaredField("_id", "The event and the destination.", exported_as="delivery_id"),
        *_EVENT_FIELDS,
        *exported(
            event_id="Which event it delivers.",
            destination="Where to: a webhook or the record store.",
            status="Whether it is pending, delivered or failed.",
            attempts="How often it was tried.",
            due_at="When it is tried again.",
            last_attempt_at="When it was last tried.",
            last_status="The HTTP status of the last response.",
            last_detail="What went wrong.",
        ),
    ),
)
STATEMENTS = StoredData(
    XAPI_STATEMENTS,
    about="students",
    owner="student_id",
    line_kind="xapi_statement",
    retained="PROGRESS_RETAIN_DAYS",
    erased=ON_ERASURE,
    fields=(
        DeclaredField("_id", "The id of the statement.", exported_as="statement_id"),
        DeclaredField(
            "student_id", "Whom it is about.", exported_as="student_id of the first line"
        ),
        *exported(
            material_id="Which video it is about.",
            session_id="Which session it is about; empty for a completion.",
            statement="What was sent to the record store: a repeat must be identical.",
            stored_at="When it was first sent, for retention.",
        ),
    ),
)

ALL = (EVENTS, DELIVERIES, STATEMENTS)
