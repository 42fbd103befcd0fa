"""What can go wrong, as one tree.

    ServiceError             code, message, details         HTTP   socket
    ├── Invalid              the request makes no sense     422    4422
    ├── Unauthenticated      we do not know who asks        401    4401
    ├── Forbidden            we know, and the answer is no  403    4403   ← NotEnrolled
    ├── NotFound             nothing is there               404    4404
    ├── Conflict             someone was faster             409    4409
    ├── TooOften             slower, please                 429    4429   retry_after_seconds
    └── Unavailable          try again shortly              503    4503   retry_after_seconds

Status numbers are known to ``edge.problems`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FIELDS_IN_MESSAGE = 3  # `errors` lists them all.


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that makes no sense: its path on the wire, a stable code, and what to do."""

    field: str
    code: str
    detail: str


class ServiceError(Exception):
    """Anything the service answers with on purpose. ``code`` is stable, ``message`` for people."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class Invalid(ServiceError):
    """The request makes no sense; ``errors`` names each field."""

    code = "invalid"

    def __init__(
        self, message: str, *, errors: Sequence[FieldError] = (), code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.errors = tuple(errors)

    @classmethod
    def field(cls, field: str, detail: str, *, code: str = "invalid") -> Invalid:
        """One *field* is wrong; *detail* says how to mend it."""
        return cls(f"{field}: {detail}", errors=[FieldError(field, code, detail)], code=code)

    @classmethod
    def fields(cls, errors: Sequence[FieldError]) -> Invalid:
        """Several fields are wrong; the message names the first ones."""
        named = "; ".join(f"{e.field}: {e.detail}" for e in errors[:FIELDS_IN_MESSAGE])
        return cls(named or "The request does not fit.", errors=errors)


class Unauthenticated(ServiceError):
    """We do not know who asks."""

    code = "unauthenticated"


class Forbidden(ServiceError):
    """We know who asks, and the answer is no."""

    code = "forbidden"


class NotEnrolled(Forbidden):
    """The material exists, in a course this student is not enrolled in."""

    code = "not_enrolled"

    def __init__(self, course_id: str) -> None:
        super().__init__(
            f"You are not enrolled in course {course_id!r}. Ask its teacher to enrol you."
        )


class NotFound(ServiceError):
    """Nothing is there under that name."""

    code = "not_found"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is no {kind} {name!r}.", code=f"{kind}_not_found")


class Conflict(ServiceError):
    """The request contradicts what is stored."""

    code = "conflict"


class _Later(ServiceError):
    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TooOften(_Later):
    """Slower, please."""

    code = "too_often"


class Unavailable(_Later):
    """Nothing is known about the outcome: the work may or may not be done. Try again shortly."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_seconds: int = 2) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)


class StartupError(Exception):
    """The service cannot start; the message is one sentence with the remedy, for a terminal."""
