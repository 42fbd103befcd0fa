"""Builders of valid values; a test states only what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jose import jwt

from progress_service.domain.catalog import Course, Material
from progress_service.domain.progress import Report
from progress_service.edge.token_verifier import Role, mint
from progress_service.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
"""The time at which every test starts by default."""

SECRET = "a-secret-for-tests-of-48-bytes-which-is-plenty-ok"


def at(seconds: float = 0, **span: float) -> datetime:
    """That long after `NOON`."""
    return NOON + timedelta(seconds=seconds, **span)


def wire(moment: datetime) -> str:
    """*moment* as JSON has it."""
    return moment.isoformat().replace("+00:00", "Z")


class FakeTime:
    """Replaces the module `time`: a clock that moves only when a test advances it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


def a_settings(**given: Any) -> Settings:
    """Settings with a valid secret, and rates that no test exceeds by accident."""
    unlimited = "100000/second"
    defaults = {
        "jwt_secret": SECRET,
        "watch_time_rate": unlimited,
        "read_rate": unlimited,
        "service_rate": unlimited,
    }
    return Settings(_env_file=None, **{**defaults, **given})


def a_token(
    subject: str = "ana", role: Role = "student", *, secret: str = SECRET, ttl_seconds: int = 3600
) -> str:
    """A token that is valid for an hour."""
    return mint(
        subject=subject, role=role, secret=secret, algorithm="HS256", ttl_seconds=ttl_seconds
    )


def bearer(token: str) -> dict[str, str]:
    """The header that carries *token*."""
    return {"Authorization": f"Bearer {token}"}


def with_every_role(subject: str = "ana") -> dict[str, str]:
    """The header with a token that has every role."""
    claims = {"sub": subject, "roles": ["student", "teacher", "service"], "exp": 2**32}
    return bearer(jwt.encode(claims, SECRET, algorithm="HS256"))


def a_report(**given: Any) -> Report:
    """A heartbeat at 125.5 of 600 seconds, at noon."""
    defaults = Report(position_seconds=125.5, duration_seconds=600.0, observed_at=NOON)
    return replace(defaults, **given)


def a_body(**given: Any) -> dict[str, Any]:
    """The request body of a plain report."""
    return {"watch_time": 125.5, "total_duration": 600, **given}


def without_spans(status: dict[str, Any]) -> dict[str, Any]:
    """The *status* of a video as lists of videos return it."""
    summary = dict(status)
    del summary["watched_spans"]
    return summary


def a_video(material_id: str = "intro", **given: Any) -> Material:
    """A video of ten minutes."""
    return replace(
        Material(material_id, title=material_id.title(), duration_seconds=600.0), **given
    )


def a_reading(material_id: str = "notes", **given: Any) -> Material:
    """Something to read."""
    return replace(Material(material_id, title=material_id.title(), type="reading"), **given)


def a_course(course_id: str = "react", *materials: Material, **given: Any) -> Course:
    """A course of Tom's; by default two videos and a reading."""
    defaults = (a_video("intro"), a_video("hooks"), a_reading("notes"))
    return Course(
        course_id=course_id,
        **{"title": "React", "teacher_ids": ("tom",), "materials": materials or defaults, **given},
    )


def a_course_body(*materials: dict[str, Any], **given: Any) -> dict[str, Any]:
    """The request body of a course of Tom's."""
    defaults = (
        a_material_body("intro"),
        a_material_body("hooks"),
        {"material_id": "notes", "type": "reading", "title": "Notes"},
    )
    return {
        "title": "React",
        "teacher_ids": ["tom"],
        "materials": list(materials or defaults),
        **given,
    }


def a_material_body(material_id: str = "intro", **given: Any) -> dict[str, Any]:
    """A video of ten minutes in the request body of a course."""
    return {
        "material_id": material_id,
        "type": "video",
        "title": material_id.title(),
        "duration_seconds": 600,
        **given,
    }


def brief(value: object) -> str:
    """A parametrize id for *value*."""
    return repr(value)[:48]
