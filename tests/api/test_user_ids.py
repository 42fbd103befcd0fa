"""User ids of real identity providers, in every call that contains or is made with one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, brief
from tests.conftest import CallerOf

COURSE = "/api/catalog/courses/react"
STUDENT_IDS = [
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "a+b@x.org",
    "{7d1f3c9e-6f0b-4f5e-9a53-0c2b1f6f8a11}",
    "CN=Ana,OU=People",
    "100%",
    "a#b?c&d=e",
    "$where",
    "ana.müller@schule.de",
    "é" * 255,
]


@pytest.mark.parametrize("student_id", STUDENT_IDS, ids=brief)
async def test_student_id_of_any_identity_provider_works_in_every_call(
    caller: CallerOf, service: httpx.AsyncClient, course: Any, student_id: str
):
    student, path = caller(student_id), f"{COURSE}/enrollments/{quote(student_id, safe='')}"
    enrolled = await service.put(path)
    reported = await student.post("/api/progress/video/intro/watch-time", json=a_body())
    event_response = await student.post(
        "/api/progress/events",
        json={
            "sent_at": "2026-11-22T12:00:00Z",
            "events": [{"event_id": "e-1", "video_id": "hooks", **a_body()}],
        },
    )
    responses = {
        "enrolled": (await service.get(f"{COURSE}/enrollments")).json()["student_ids"],
        "course": (await student.get("/api/progress/course/react")).json()["progress"],
        "changes": (await student.get("/api/progress/changes")).json()["changes"],
        "card": (await student.get("/api/progress/continue-watching")).json()["items"],
    }
    ended = await service.delete(path)
    rejected = await student.get("/api/progress/video/intro/status")

    assert enrolled.json() == {"course_id": "react", "student_id": student_id}
    assert (reported.status_code, event_response.json()["results"][0]["status"]) == (200, "applied")
    assert sorted(responses["enrolled"]) == sorted(["ana", student_id])
    assert responses["course"]["student_id"] == student_id
    assert len(responses["changes"]) == 2
    assert len(responses["card"]) == 1
    assert (ended.status_code, rejected.status_code) == (204, 403)


async def test_student_ids_of_identity_providers_are_enrolled_and_paginated(
    service: httpx.AsyncClient, course: Any
):
    response = await service.put(f"{COURSE}/enrollments", json={"student_ids": STUDENT_IDS})
    listed: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await service.get(f"{COURSE}/enrollments", params={"limit": 2, **after})).json()
        listed += page["student_ids"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert response.json()["enrolled"] == len(STUDENT_IDS)
    assert listed == sorted([*STUDENT_IDS, "ana"])


@pytest.mark.parametrize("teacher_id", ["auth0|tom", "tom+lms@x.org"])
async def test_teacher_id_of_any_identity_provider_can_put_a_course(
    caller: CallerOf, teacher_id: str
):
    teacher = caller(teacher_id, "teacher")
    body = {**a_course_body(a_material_body("tools")), "teacher_ids": [teacher_id]}

    put = await teacher.put("/api/catalog/courses/tools", json=body)
    read = await teacher.get("/api/catalog/courses/tools")

    assert (put.status_code, read.json()["teacher_ids"]) == (200, [teacher_id])
    assert (await caller("auth0|eve", "teacher").put(COURSE, json=body)).status_code == 403


@pytest.mark.parametrize(
    "user_id",
    ["", " ", "a b", "a/b", "a\\b", "a\n", "\x00", "a\u200b", "a" * 256, 7, None],
    ids=brief,
)
async def test_invalid_user_id_is_rejected_with_its_field(
    service: httpx.AsyncClient, course: Any, user_id: Any
):
    enrolment = await service.put(f"{COURSE}/enrollments", json={"student_ids": ["ana", user_id]})
    put = await service.put(COURSE, json={**a_course_body(), "teacher_ids": [user_id]})

    for response, field in ((enrolment, "student_ids.1"), (put, "teacher_ids.0")):
        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == [field]
