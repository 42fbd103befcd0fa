"""Valid values of everything; a test states only what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from progress_service.domain.catalog import Course, Material
from progress_service.domain.progress import Report
from progress_service.edge.tokens import Role, mint
from progress_service.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
"""When every test begins, unless it says otherwise."""

SECRET = "a-secret-for-tests-of-48-bytes-which-is-plenty-ok"


def at(seconds: float = 0, **span: float) -> datetime:
    """The moment so long after noon."""
    return NOON + timedelta(seconds=seconds, **span)


def wire(moment: datetime) -> str:
    """A moment as it is written in JSON."""
    return moment.isoformat().replace("+00:00", "Z")


class Ticking:
    """Stands for the module `time`: a clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


def a_settings(**given: Any) -> Settings:
    """Settings with a good secret and rates that no test meets by chance."""
    plenty = "100000/second"
    usual = {
        "jwt_secret": SECRET,
        "watch_time_rate": plenty,
        "read_rate": plenty,
        "service_rate": plenty,
    }
    return Settings(_env_file=None, **{**usual, **given})  # type: ignore[call-arg]


def a_token(
    subject: str = "ana", role: Role = "student", *, secret: str = SECRET, ttl_seconds: int = 3600
) -> str:
    """A token that is good for an hour."""
    return mint(
        subject=subject, role=role, secret=secret, algorithm="HS256", ttl_seconds=ttl_seconds
    )


def bearer(token: str) -> dict[str, str]:
    """The header that carries *token*."""
    return {"Authorization": f"Bearer {token}"}


def a_report(**given: Any) -> Report:
    """A heartbeat at 125.5 of 600 seconds, at noon."""
    usual = Report(position_seconds=125.5, duration_seconds=600.0, observed_at=NOON)
    return replace(usual, **given)


def a_body(**given: Any) -> dict[str, Any]:
    """The plain report on the wire."""
    return {"watch_time": 125.5, "total_duration": 600, **given}


def without_spans(status: dict[str, Any]) -> dict[str, Any]:
    """The *status* of a single video as lists of videos have it."""
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
    """A course of Tom's, with two videos and a reading unless told otherwise."""
    usual = (a_video("intro"), a_video("hooks"), a_reading("notes"))
    return Course(
        course_id=course_id,
        **{"title": "React", "teacher_ids": ("tom",), "materials": materials or usual, **given},
    )


def a_course_body(*materials: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A course of Tom's on the wire."""
    usual = (
        a_material_body("intro"),
        a_material_body("hooks"),
        {"material_id": "notes", "type": "reading", "title": "Notes"},
    )
    return {
        "title": "React",
        "teacher_ids": ["tom"],
        "materials": list(materials or usual),
        **given,
    }


def a_material_body(material_id: str = "intro", **given: Any) -> dict[str, Any]:
    """A video of ten minutes on the wire."""
    return {
        "material_id": material_id,
        "type": "video",
        "title": material_id.title(),
        "duration_seconds": 600,
        **given,
    }


def brief(value: object) -> str:
    """A name for a case of a test."""
    return repr(value)[:48]
