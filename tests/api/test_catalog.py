"""Courses, their materials and their enrolments."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body
from tests.conftest import CallerOf, put_course

COURSE = "/api/catalog/courses/react"

FULL_COURSE = {
    "title": "React",
    "teacher_ids": ["tom", "tina"],
    "complete_at_percent": 90.0,
    "materials": [
        {
            "material_id": "intro",
            "type": "video",
            "title": "Intro",
            "module": "Basics",
            "duration_seconds": 600.0,
            "source_url": "/media/intro.mp4",
            "required": True,
            "complete_at_percent": 75.0,
            "chapters": [{"start_seconds": 0.0, "title": "Hello"}],
            "intro": {"start_seconds": 0.0, "end_seconds": 8.0},
            "outro": {"start_seconds": 590.0, "end_seconds": 600.0},
        },
        {
            "material_id": "notes",
            "type": "reading",
            "title": "Notes",
            "module": None,
            "duration_seconds": None,
            "source_url": None,
            "required": False,
            "complete_at_percent": None,
            "chapters": [],
            "intro": None,
            "outro": None,
        },
    ],
}


async def test_course_is_returned_as_it_was_put(service: httpx.AsyncClient):
    put = await service.put(COURSE, json=FULL_COURSE)

    assert put.json() == {"course_id": "react", **FULL_COURSE}
    assert (await service.get(COURSE)).json() == {"course_id": "react", **FULL_COURSE}


async def test_course_fields_that_are_omitted_have_defaults(service: httpx.AsyncClient):
    await service.put(COURSE, json={"title": "React", "teacher_ids": []})

    assert (await service.get(COURSE)).json() == {
        "course_id": "react",
        "title": "React",
        "teacher_ids": [],
        "complete_at_percent": None,
        "materials": [],
    }


async def test_course_put_again_is_replaced_completely(service: httpx.AsyncClient):
    await service.put(COURSE, json=FULL_COURSE)
    smaller = a_course_body(a_material_body("hooks"), title="Hooks")

    await service.put(COURSE, json=smaller)

    stored = (await service.get(COURSE)).json()
    assert (stored["title"], [m["material_id"] for m in stored["materials"]]) == (
        "Hooks",
        ["hooks"],
    )


async def test_material_order_is_preserved(service: httpx.AsyncClient):
    ids = ["z", "a", "m", "b"]

    await service.put(COURSE, json=a_course_body(*(a_material_body(i) for i in ids)))

    assert [m["material_id"] for m in (await service.get(COURSE)).json()["materials"]] == ids


async def test_course_id_may_be_repeated_in_the_body(service: httpx.AsyncClient):
    assert (await service.put(COURSE, json=a_course_body(course_id="react"))).status_code == 200


async def test_course_title_may_be_any_text(service: httpx.AsyncClient):
    title = "Ünïcode – 日本語 🎬 <b>\"'$&\u0000</b>"

    await service.put(COURSE, json=a_course_body(title=title))

    assert (await service.get(COURSE)).json()["title"] == title


async def test_course_with_2000_materials_is_accepted(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    materials = [{"material_id": f"m-{n}", "type": "video", "title": "x"} for n in range(2_000)]
    await put_course(service, "react", a_course_body(*materials))

    response = await ana.get("/api/progress/course/react")

    assert response.json()["progress"]["materials"]["total"] == 2_000


async def test_material_of_another_course_is_a_conflict_and_changes_nothing(
    service: httpx.AsyncClient, course: Any
):
    response = await service.put(
        "/api/catalog/courses/vue",
        json=a_course_body(a_material_body("refs"), a_material_body("intro")),
    )

    assert (response.status_code, response.json()["code"]) == (409, "material_taken")
    assert "intro" in response.json()["detail"]
    assert (await service.get("/api/catalog/courses/vue")).status_code == 404


async def test_material_conflict_leaves_an_existing_course_unchanged(
    service: httpx.AsyncClient, course: Any
):
    vue = "/api/catalog/courses/vue"
    await service.put(vue, json=a_course_body(a_material_body("refs")))

    await service.put(vue, json=a_course_body(a_material_body("intro"), title="Mine"))

    stored = (await service.get(vue)).json()
    assert (stored["title"], [m["material_id"] for m in stored["materials"]]) == ("React", ["refs"])


async def test_material_claimed_by_ten_courses_at_once_goes_to_one(
    service: httpx.AsyncClient,
):
    responses = await asyncio.gather(
        *(
            service.put(f"/api/catalog/courses/c-{n}", json=a_course_body(a_material_body("it")))
            for n in range(10)
        )
    )

    assert sorted(response.status_code for response in responses) == [200] + [409] * 9


async def test_course_put_by_concurrent_first_requests_is_stored_once(
    service: httpx.AsyncClient, database: Database
):
    responses = await asyncio.gather(
        *(service.put(COURSE, json=a_course_body(title=f"Title {n}")) for n in range(10))
    )

    assert [response.status_code for response in responses] == [200] * 10
    assert await database["courses"].count_documents({}) == 1


async def test_courses_without_materials_do_not_conflict(service: httpx.AsyncClient):
    bodies = [a_course_body() | {"materials": []} for _ in range(3)]

    responses = [
        await service.put(f"/api/catalog/courses/c-{n}", json=b) for n, b in enumerate(bodies)
    ]

    assert [response.status_code for response in responses] == [200] * 3


async def test_removed_course_is_not_found_and_frees_its_materials(
    service: httpx.AsyncClient, course: Any
):
    assert (await service.delete(COURSE)).status_code == 204

    again = await service.put("/api/catalog/courses/vue", json=a_course_body())
    assert [
        (await service.get(COURSE)).status_code,
        (await service.delete(COURSE)).status_code,
        again.status_code,
    ] == [404, 404, 200]


async def test_removed_course_cannot_be_taken_over_by_another_teacher(
    caller: CallerOf, service: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    other = caller("eve", "teacher")
    eves_course = a_course_body() | {"teacher_ids": ["eve"]}
    assert (await tom.delete(COURSE)).status_code == 204

    rejected = await other.put(COURSE, json=eves_course)
    assert (rejected.status_code, rejected.json()["code"]) == (403, "not_teacher")
    assert (await service.get(COURSE)).status_code == 404

    assert (await tom.put(COURSE, json=a_course_body())).status_code == 200
    assert (await listed(tom))["student_ids"] == ["ana"]
    # A service may assign it to another teacher.
    assert (await service.put(COURSE, json=eves_course)).status_code == 200
    assert (await other.delete(COURSE)).status_code == 204
    assert (await tom.put(COURSE, json=a_course_body())).status_code == 403
    assert (await other.put(COURSE, json=eves_course)).status_code == 200


async def test_removed_course_without_teachers_can_be_restored_by_a_service_only(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "react", a_course_body() | {"teacher_ids": []})
    await service.delete(COURSE)

    eves_course = a_course_body() | {"teacher_ids": ["eve"]}
    assert (await caller("eve", "teacher").put(COURSE, json=eves_course)).status_code == 403
    assert (await service.put(COURSE, json=eves_course)).status_code == 200


async def test_material_without_a_duration_uses_the_reported_one(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await put_course(
        service, "react", a_course_body({"material_id": "intro", "type": "video", "title": "x"})
    )

    await ana.post("/api/progress/video/intro/watch-time", json=a_body(total_duration=250))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["total_duration"], status["progress_percentage"]) == (250, 50.2)


# -- enrolments --------------------------------------------------------------------------------


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    response = await client.get(f"{COURSE}/enrollments", params=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_students_are_enrolled_one_at_a_time_or_in_bulk(tom: httpx.AsyncClient, course: Any):
    one = await tom.put(f"{COURSE}/enrollments/ben")
    many = await tom.put(f"{COURSE}/enrollments", json={"student_ids": ["cleo", "dan", "cleo"]})

    assert one.json() == {"course_id": "react", "student_id": "ben"}
    assert many.json() == {"course_id": "react", "enrolled": 2}
    assert await listed(tom) == {
        "course_id": "react",
        "student_ids": ["ana", "ben", "cleo", "dan"],
        "next": None,
    }


async def test_enrolments_of_1000_students_are_paginated(tom: httpx.AsyncClient, course: Any):
    student_ids = [f"student-{n:04}" for n in range(1_000)]
    await tom.put(f"{COURSE}/enrollments", json={"student_ids": student_ids})

    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await listed(tom, limit=300, **after)
        found += page["student_ids"]
        if page["next"] is None:
            break
        assert len(page["student_ids"]) == 300
        after = {"after": page["next"]}

    assert found == ["ana", *student_ids]


async def test_enrolment_page_that_ends_the_list_has_no_next(tom: httpx.AsyncClient, course: Any):
    assert (await listed(tom, limit=1))["next"] is None


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1_001}, {"limit": "many"}, {"after": "a b"}, {"after": ""}]
)
async def test_enrolment_page_with_invalid_parameters_is_rejected(
    tom: httpx.AsyncClient, course: Any, query: dict[str, Any]
):
    response = await tom.get(f"{COURSE}/enrollments", params=query)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == list(query)


@pytest.mark.parametrize(
    "student_ids", [[], ["a"] * 1_001, ["a b"], "ana", None, [7]], ids=lambda ids: str(ids)[:12]
)
async def test_enrolment_of_an_invalid_list_is_rejected(
    tom: httpx.AsyncClient, course: Any, student_ids: Any
):
    response = await tom.put(f"{COURSE}/enrollments", json={"student_ids": student_ids})

    assert response.status_code == 422
    assert (await listed(tom))["student_ids"] == ["ana"]


async def test_enrolment_can_be_ended_repeatedly(tom: httpx.AsyncClient, course: Any):
    responses = [await tom.delete(f"{COURSE}/enrollments/ana") for _ in range(2)]

    assert [response.status_code for response in responses] == [204, 204]
    assert (await listed(tom))["student_ids"] == []


async def test_enrolments_of_an_unknown_course_are_not_found(service: httpx.AsyncClient):
    responses = [
        await service.put(f"{COURSE}/enrollments/ana"),
        await service.put(f"{COURSE}/enrollments", json={"student_ids": ["ana"]}),
        await service.get(f"{COURSE}/enrollments"),
        await service.delete(f"{COURSE}/enrollments/ana"),
    ]

    assert [response.status_code for response in responses] == [404] * 4


async def test_enrolment_put_50_times_at_once_is_stored_once(
    tom: httpx.AsyncClient, course: Any, database: Database
):
    responses = await asyncio.gather(*(tom.put(f"{COURSE}/enrollments/ben") for _ in range(50)))

    assert {response.status_code for response in responses} == {200}
    assert await database["enrollments"].count_documents({"student_id": "ben"}) == 1


async def test_enrolments_with_similar_ids_are_separate(
    caller: CallerOf, service: httpx.AsyncClient
):
    """An enrolment id combines two ids; different pairs must not collide."""
    for course_id, student in (("a:b", "c"), ("a", "b:c"), ("a.b", "c")):
        video = a_material_body(f"{course_id}-video")
        await put_course(service, course_id, a_course_body(video), students=(student,))

    found = [
        (await caller(student).get(f"/api/progress/course/{course_id}")).status_code
        for course_id, student in (("a:b", "c"), ("a", "b:c"), ("a", "c"), ("a:b", "b:c"))
    ]
    assert found == [200, 200, 403, 403]
