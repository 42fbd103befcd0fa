"""Ids of statements: the same for the same event, in every process and every export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

_UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_IN_PATH = ":@+-._~"  # Allowed in a segment of a path as they are.


@dataclass(frozen=True)
class Identifiers:
    """The ids of one installation of the service.

    All of them depend on ``activity_base``, so that two installations may share a store.
    """

    actor_homepage: str
    activity_base: str

    def statement_id(self, event_id: str) -> str:
        """The id of the statement about an event."""
        return str(self._uuid("statement", event_id))

    def registration(self, student_id: str, course_id: str) -> str:
        """The same for everything that a student does in a course."""
        return str(self._uuid("registration", student_id, course_id))

    def session_id(self, student_id: str, material_id: str, session_id: str | None) -> str:
        """*session_id* if it is a UUID of version 4; else one of that form, derived from it.

        ``None`` stands for a record without a session.
        """
        lowered = (session_id or "").lower()
        if _UUID_4.fullmatch(lowered):
            return lowered
        derived = self._uuid("session", student_id, material_id, session_id or "")
        return str(UUID(bytes=derived.bytes, version=4))

    def course_activity(self, course_id: str) -> str:
        """The address that identifies a course as an activity."""
        return f"{self.activity_base.rstrip('/')}/courses/{quote(course_id, safe=_IN_PATH)}"

    def video_activity(self, course_id: str, material_id: str) -> str:
        """The address that identifies a video of a course as an activity."""
        course = self.course_activity(course_id)
        return f"{course}/materials/{quote(material_id, safe=_IN_PATH)}"

    @cached_property
    def _namespace(self) -> UUID:
        return uuid5(NAMESPACE_URL, self.activity_base)

    def _uuid(self, *parts: str) -> UUID:
        return uuid5(self._namespace, "/".join(quote(part, safe="") for part in parts))
