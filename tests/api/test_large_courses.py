"""Courses as large as real ones: 2 000 materials with chapters, in bodies of up to 8 MiB."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from progress_service.edge.problems import MAX_BODY_BYTES, MAX_LARGE_BODY_BYTES
from tests.builders import a_body

COURSE = "/api/catalog/courses/large"
MATERIALS = 2_000


def a_large_course(*, chapters: int, **given: Any) -> dict[str, Any]:
    """A course with many materials, each as the service returns it."""
    materials = [
        {
            "material_id": f"lesson-{number}",
            "type": "video",
            "title": f"Lesson {number}: how to learn",
            "module": f"Module {number // 20}",
            "duration_seconds": 3_600.0,
            "source_url": f"https://videos.example/large/{number:036d}.mp4",
            "required": True,
            "complete_at_percent": None,
            "chapters": [
                {"start_seconds": index * 10.0, "title": f"Chapter {index}"}
                for index in range(chapters)
            ],
            "intro": {"start_seconds": 0.0, "end_seconds": 8.0},
            "outro": None,
        }
        for number in range(MATERIALS)
    ]
    return {
        "course_id": "large",
        "title": "Large",
        "teacher_ids": ["tom"],
        "complete_at_percent": 75.0,
        "materials": materials,
        **given,
    }


async def chunks_of(raw: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(raw), 65_536):
        yield raw[start : start + 65_536]


@pytest.mark.parametrize("chapters", [10, 30])
async def test_course_of_2000_materials_with_chapters_is_stored_completely(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, chapters: int
):
    course = a_large_course(chapters=chapters)
    raw = json.dumps(course).encode()
    assert MAX_BODY_BYTES < len(raw) < MAX_LARGE_BODY_BYTES

    put = await service.put(COURSE, content=raw)
    assert put.status_code == 200, put.text[:500]
    await service.put(f"{COURSE}/enrollments/ana")
    reported = await ana.post(
        "/api/progress/video/lesson-1999/watch-time", json=a_body(total_duration=3_600)
    )

    assert put.json() == course
    assert (await service.get(COURSE)).json() == course
    assert reported.status_code == 200


async def test_large_course_may_be_sent_in_chunks(service: httpx.AsyncClient):
    course = a_large_course(chapters=10)

    response = await service.put(COURSE, content=chunks_of(json.dumps(course).encode()))

    assert response.status_code == 200, response.text[:500]


async def test_course_of_8_mib_is_accepted(service: httpx.AsyncClient):
    raw = json.dumps(a_large_course(chapters=1)).encode().ljust(MAX_LARGE_BODY_BYTES)

    assert (await service.put(COURSE, content=raw)).status_code == 200


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_course_beyond_8_mib_is_rejected(service: httpx.AsyncClient, is_chunked: bool):
    raw = json.dumps(a_large_course(chapters=1)).encode().ljust(MAX_LARGE_BODY_BYTES + 1)

    response = await service.put(COURSE, content=chunks_of(raw) if is_chunked else raw)

    assert response.status_code == 413
    assert str(MAX_LARGE_BODY_BYTES) in response.json()["detail"]


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{COURSE}/enrollments"),
        ("PUT", f"{COURSE}/enrollments/ana"),
        ("POST", COURSE),
    ],
)
async def test_other_bodies_beyond_1_mib_are_rejected(
    service: httpx.AsyncClient, method: str, path: str, is_chunked: bool
):
    raw = json.dumps({"student_ids": ["ana"]}).encode().ljust(MAX_BODY_BYTES + 1)

    response = await service.request(method, path, content=chunks_of(raw) if is_chunked else raw)

    assert response.status_code != 200 or path.endswith("/ana")  # this call reads no body
    if response.status_code == 413:
        assert str(MAX_BODY_BYTES) in response.json()["detail"]


async def test_large_course_with_invalid_fields_is_rejected_with_their_names(
    service: httpx.AsyncClient,
):
    course = a_large_course(chapters=3)
    course["materials"][7]["duration_seconds"] = "long"
    course["materials"][1_999]["chapters"][2]["surprise"] = 1
    course["materials"][1_000] = None

    response = await service.put(COURSE, content=json.dumps(course).encode())

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [
        "materials.7.duration_seconds",
        "materials.1000",
        "materials.1999.chapters.2.surprise",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"surprise": 1}, "surprise"),
        ({"materials": {}}, "materials"),
        ({"materials": [None] * 2_001}, "materials"),
        ({"course_id": "other"}, "course_id"),
    ],
)
async def test_large_course_with_an_invalid_head_is_rejected_with_its_field(
    service: httpx.AsyncClient, given: dict[str, Any], field: str
):
    raw = json.dumps(a_large_course(chapters=3, **given)).encode().ljust(200_000)

    response = await service.put(COURSE, content=raw)

    assert response.status_code == 422
    assert field in {error["field"] for error in response.json()["errors"]}


async def test_large_course_with_a_chapter_past_the_end_is_rejected_with_its_field(
    service: httpx.AsyncClient,
):
    course = a_large_course(chapters=3)
    course["materials"][1_500]["chapters"][2]["start_seconds"] = 3_601

    response = await service.put(COURSE, content=json.dumps(course).encode())

    assert [error["field"] for error in response.json()["errors"]] == ["materials.1500.chapters.2"]
