"""Students with tokens in one course, enrolled over HTTP as other services do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.processes import SECRET, Server
from progress_service.edge.token_verifier import Role, mint

COURSE_ID = "benchmark"
DURATION_SECONDS = 600
TTL_SECONDS = 7_200
_STUDENTS_PER_REQUEST = 1_000


@dataclass(frozen=True, slots=True)
class Learners:
    """A file with one ``student token`` pair per line, and the number of videos in the course."""

    file: Path
    videos: int


def student_id(number: int) -> str:
    """The id of a student."""
    return f"student-{number:06d}"


def video_id(number: int) -> str:
    """The id of a video."""
    return f"video-{number:03d}"


def token(subject: str, role: Role = "student") -> str:
    """A token that is valid for the whole run."""
    return mint(
        subject=subject, role=role, secret=SECRET, algorithm="HS256", ttl_seconds=TTL_SECONDS
    )


def enrolled(server: Server, folder: Path, *, students: Sequence[str], videos: int) -> Learners:
    """Create the course, enrol *students*, and write their tokens to a file."""
    enroll(server, students=students, videos=videos)
    return with_tokens(folder / f"learners-{server.pid}", students, videos=videos)


def enroll(server: Server, *, students: Sequence[str], videos: int) -> None:
    """Create the course, and enrol *students*."""
    bearer = {"Authorization": f"Bearer {token('importer', 'service')}"}
    course = f"/api/catalog/courses/{COURSE_ID}"
    body = {
        "title": "Benchmark",
        "teacher_ids": ["teacher"],
        "materials": [_material(number) for number in range(videos)],
    }
    with httpx.Client(base_url=server.url, headers=bearer, timeout=30) as client:
        client.put(course, json=body).raise_for_status()
        for start in range(0, len(students), _STUDENTS_PER_REQUEST):
            some = {"student_ids": list(students[start : start + _STUDENTS_PER_REQUEST])}
            client.put(f"{course}/enrollments", json=some).raise_for_status()


def with_tokens(file: Path, students: Sequence[str], *, videos: int) -> Learners:
    """Write the tokens of enrolled *students* to *file*."""
    file.write_text("".join(f"{student} {token(student)}\n" for student in students))
    return Learners(file, videos)


def _material(number: int) -> dict[str, object]:
    return {
        "material_id": video_id(number),
        "type": "video",
        "title": f"Video {number}",
        "duration_seconds": DURATION_SECONDS,
    }
