"""All errors that callers must expect, as one tree.

    ServiceError             code, message                    HTTP   socket
    ├── Invalid              the request is invalid           422    4400
    ├── Unauthenticated      no valid token                   401    4401
    ├── Forbidden            the caller may not do this       403    4403   ← NotEnrolled
    ├── NotFound             there is nothing with that id    404    4404
    ├── Conflict             it contradicts what is stored    409    4409   ← Erased
    ├── RateLimited          too many requests                429    4429   retry_after_seconds
    └── Unavailable          the outcome is unknown           503    4503   retry_after_seconds

``edge.problems`` translates them into status numbers and close codes; `serving` and `live` have a
few of their own for what the transports reject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

FIELDS_IN_MESSAGE = 3  # `errors` has them all.


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: its path on the wire, a stable code, and what to do."""

    field: str
    code: str
    detail: str


class ServiceError(Exception):
    """An error that is returned to clients. ``code`` is stable, ``message`` is for people."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class Invalid(ServiceError):
    """The request is invalid; ``errors`` names each field."""

    code = "invalid"

    def __init__(
        self, message: str, *, errors: Sequence[FieldError] = (), code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.errors = tuple(errors)

    @classmethod
    def field(cls, field: str, detail: str, *, code: str = "invalid") -> Invalid:
        """One *field* is wrong; *detail* says how to correct it."""
        return cls(f"{field}: {detail}", errors=[FieldError(field, code, detail)], code=code)

    def renamed(self, names: Mapping[str, str]) -> Invalid:
        """The same error with fields renamed by *names*; others stay."""
        if not self.errors:
            return self
        errors = [replace(e, field=names.get(e.field, e.field)) for e in self.errors]
        return Invalid(_message(errors), errors=errors, code=self.code)

    @classmethod
    def fields(cls, errors: Sequence[FieldError]) -> Invalid:
        """Several fields are wrong; the message names the first ones."""
        return cls(_message(errors) or "The request does not match the schema.", errors=errors)


def _message(errors: Sequence[FieldError]) -> str:
    return "; ".join(f"{e.field}: {e.detail}" for e in errors[:FIELDS_IN_MESSAGE])


class Unauthenticated(ServiceError):
    """The request has no valid token."""

    code = "unauthenticated"


class Forbidden(ServiceError):
    """The caller is known, but may not do this."""

    code = "forbidden"


class NotEnrolled(Forbidden):
    """The student is not enrolled in the course of the material."""

    code = "not_enrolled"

    def __init__(self, course_id: str) -> None:
        super().__init__(
            f"The student is not enrolled in course {course_id!r}; one of its teachers, or a "
            "service, can change that."
        )


class NotFound(ServiceError):
    """There is nothing with that id."""

    code = "not_found"

    def __init__(self, kind: str, name: str | None = None) -> None:
        what = kind if name is None else f"{kind} {name!r}"
        super().__init__(f"There is no {what}.", code=f"{kind}_not_found")


class Conflict(ServiceError):
    """The request contradicts what is stored."""

    code = "conflict"


class Erased(Conflict):
    """The student's data was erased, or is being erased."""

    code = "erased"

    def __init__(self) -> None:
        super().__init__(
            "The student's data was erased. What was recorded before is not stored again; newer "
            "reports are stored once the student is enrolled again."
        )


class _Later(ServiceError):
    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class RateLimited(_Later):
    """Too many requests; wait `retry_after_seconds`."""

    code = "too_often"


class Unavailable(_Later):
    """The outcome is unknown: the change may or may not be stored. Try again shortly."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_seconds: int = 2) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)


class StartupError(Exception):
    """The service cannot start; the message is one sentence with the remedy, for a terminal."""
