"""Courses, their materials, and who is enrolled."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body
from tests.conftest import CallerOf, put_course

COURSE = "/api/catalog/courses/react"

WHOLE = {
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


async def test_a_course_is_given_back_as_it_was_put(service: httpx.AsyncClient):
    put = await service.put(COURSE, json=WHOLE)

    assert put.json() == {"course_id": "react", **WHOLE}
    assert (await service.get(COURSE)).json() == {"course_id": "react", **WHOLE}


async def test_what_is_left_out_has_its_default(service: httpx.AsyncClient):
    await service.put(COURSE, json={"title": "React", "teacher_ids": []})

    assert (await service.get(COURSE)).json() == {
        "course_id": "react",
        "title": "React",
        "teacher_ids": [],
        "complete_at_percent": None,
        "materials": [],
    }


async def test_putting_again_replaces_it_whole(service: httpx.AsyncClient):
    await service.put(COURSE, json=WHOLE)
    smaller = a_course_body(a_material_body("hooks"), title="Hooks")

    await service.put(COURSE, json=smaller)

    held = (await service.get(COURSE)).json()
    assert (held["title"], [m["material_id"] for m in held["materials"]]) == ("Hooks", ["hooks"])


async def test_the_order_of_the_materials_is_kept(service: httpx.AsyncClient):
    ids = ["z", "a", "m", "b"]

    await service.put(COURSE, json=a_course_body(*(a_material_body(i) for i in ids)))

    assert [m["material_id"] for m in (await service.get(COURSE)).json()["materials"]] == ids


async def test_the_id_may_stand_in_the_body_too(service: httpx.AsyncClient):
    assert (await service.put(COURSE, json=a_course_body(course_id="react"))).status_code == 200


async def test_titles_may_hold_any_text(service: httpx.AsyncClient):
    title = "Ünïcode – 日本語 🎬 <b>\"'$&\u0000</b>"

    await service.put(COURSE, json=a_course_body(title=title))

    assert (await service.get(COURSE)).json()["title"] == title


async def test_two_thousand_materials_are_welcome(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    materials = [{"material_id": f"m-{n}", "type": "video", "title": "x"} for n in range(2_000)]
    await put_course(service, "react", a_course_body(*materials))

    answer = await ana.get("/api/progress/course/react")

    assert answer.json()["progress"]["materials"]["total"] == 2_000


async def test_a_material_of_another_course_is_a_conflict_and_changes_nothing(
    service: httpx.AsyncClient, course: Any
):
    answer = await service.put(
        "/api/catalog/courses/vue",
        json=a_course_body(a_material_body("refs"), a_material_body("intro")),
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "material_taken")
    assert "intro" in answer.json()["detail"]
    assert (await service.get("/api/catalog/courses/vue")).status_code == 404


async def test_a_conflict_leaves_an_existing_course_as_it_was(
    service: httpx.AsyncClient, course: Any
):
    vue = "/api/catalog/courses/vue"
    await service.put(vue, json=a_course_body(a_material_body("refs")))

    await service.put(vue, json=a_course_body(a_material_body("intro"), title="Mine"))

    held = (await service.get(vue)).json()
    assert (held["title"], [m["material_id"] for m in held["materials"]]) == ("React", ["refs"])


async def test_of_two_courses_that_claim_a_material_at_once_one_gets_it(
    service: httpx.AsyncClient,
):
    answers = await asyncio.gather(
        *(
            service.put(f"/api/catalog/courses/c-{n}", json=a_course_body(a_material_body("it")))
            for n in range(10)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


async def test_first_puts_of_one_course_at_once_are_all_welcome(
    service: httpx.AsyncClient, database: Database
):
    answers = await asyncio.gather(
        *(service.put(COURSE, json=a_course_body(title=f"Title {n}")) for n in range(10))
    )

    assert [answer.status_code for answer in answers] == [200] * 10
    assert await database["courses"].count_documents({}) == 1


async def test_courses_without_materials_are_no_conflict(service: httpx.AsyncClient):
    bodies = [a_course_body() | {"materials": []} for _ in range(3)]

    answers = [
        await service.put(f"/api/catalog/courses/c-{n}", json=b) for n, b in enumerate(bodies)
    ]

    assert [answer.status_code for answer in answers] == [200] * 3


async def test_a_course_removed_is_gone_and_frees_its_materials(
    service: httpx.AsyncClient, course: Any
):
    assert (await service.delete(COURSE)).status_code == 204

    again = await service.put("/api/catalog/courses/vue", json=a_course_body())
    assert [
        (await service.get(COURSE)).status_code,
        (await service.delete(COURSE)).status_code,
        again.status_code,
    ] == [404, 404, 200]


async def test_a_course_removed_comes_back_by_its_teachers_alone(
    caller: CallerOf, service: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    other = caller("eve", "teacher")
    of_eve = a_course_body() | {"teacher_ids": ["eve"]}
    assert (await tom.delete(COURSE)).status_code == 204

    taken = await other.put(COURSE, json=of_eve)
    assert (taken.status_code, taken.json()["code"]) == (403, "not_teacher")
    assert (await service.get(COURSE)).status_code == 404

    assert (await tom.put(COURSE, json=a_course_body())).status_code == 200
    assert (await listed(tom))["student_ids"] == ["ana"]
    # A service may hand it to somebody else, who is its teacher from then on.
    assert (await service.put(COURSE, json=of_eve)).status_code == 200
    assert (await other.delete(COURSE)).status_code == 204
    assert (await tom.put(COURSE, json=a_course_body())).status_code == 403
    assert (await other.put(COURSE, json=of_eve)).status_code == 200


async def test_a_course_of_nobody_comes_back_by_a_service_alone(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "react", a_course_body() | {"teacher_ids": []})
    await service.delete(COURSE)

    of_eve = a_course_body() | {"teacher_ids": ["eve"]}
    assert (await caller("eve", "teacher").put(COURSE, json=of_eve)).status_code == 403
    assert (await service.put(COURSE, json=of_eve)).status_code == 200


async def test_a_material_without_a_length_takes_the_players_word(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await put_course(
        service, "react", a_course_body({"material_id": "intro", "type": "video", "title": "x"})
    )

    await ana.post("/api/progress/video/intro/watch-time", json=a_body(total_duration=250))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["total_duration"], status["progress_percentage"]) == (250, 50.2)


# -- enrolments --------------------------------------------------------------------------------


async def listed(who: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await who.get(f"{COURSE}/enrollments", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_students_are_enrolled_one_by_one_or_many_at_once(
    tom: httpx.AsyncClient, course: Any
):
    one = await tom.put(f"{COURSE}/enrollments/ben")
    many = await tom.put(f"{COURSE}/enrollments", json={"student_ids": ["cleo", "dan", "cleo"]})

    assert one.json() == {"course_id": "react", "student_id": "ben"}
    assert many.json() == {"course_id": "react", "enrolled": 2}
    assert await listed(tom) == {
        "course_id": "react",
        "student_ids": ["ana", "ben", "cleo", "dan"],
        "next": None,
    }


async def test_a_thousand_students_come_in_pages(tom: httpx.AsyncClient, course: Any):
    everyone = [f"student-{n:04}" for n in range(1_000)]
    await tom.put(f"{COURSE}/enrollments", json={"student_ids": everyone})

    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await listed(tom, limit=300, **after)
        found += page["student_ids"]
        if page["next"] is None:
            break
        assert len(page["student_ids"]) == 300
        after = {"after": page["next"]}

    assert found == ["ana", *everyone]


async def test_a_page_that_ends_exactly_has_no_next(tom: httpx.AsyncClient, course: Any):
    assert (await listed(tom, limit=1))["next"] is None


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1_001}, {"limit": "many"}, {"after": "a b"}, {"after": ""}]
)
async def test_a_page_that_makes_no_sense_is_refused(
    tom: httpx.AsyncClient, course: Any, query: dict[str, Any]
):
    answer = await tom.get(f"{COURSE}/enrollments", params=query)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize(
    "student_ids", [[], ["a"] * 1_001, ["a b"], "ana", None, [7]], ids=lambda ids: str(ids)[:12]
)
async def test_a_list_of_students_that_makes_no_sense_is_refused(
    tom: httpx.AsyncClient, course: Any, student_ids: Any
):
    answer = await tom.put(f"{COURSE}/enrollments", json={"student_ids": student_ids})

    assert answer.status_code == 422
    assert (await listed(tom))["student_ids"] == ["ana"]


async def test_ending_an_enrolment_may_be_repeated(tom: httpx.AsyncClient, course: Any):
    answers = [await tom.delete(f"{COURSE}/enrollments/ana") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await listed(tom))["student_ids"] == []


async def test_nobody_is_enrolled_in_a_course_that_is_not_there(service: httpx.AsyncClient):
    answers = [
        await service.put(f"{COURSE}/enrollments/ana"),
        await service.put(f"{COURSE}/enrollments", json={"student_ids": ["ana"]}),
        await service.get(f"{COURSE}/enrollments"),
        await service.delete(f"{COURSE}/enrollments/ana"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


async def test_enrolling_a_student_fifty_times_at_once_enrols_them_once(
    tom: httpx.AsyncClient, course: Any, database: Database
):
    answers = await asyncio.gather(*(tom.put(f"{COURSE}/enrollments/ben") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert await database["enrollments"].count_documents({"student_id": "ben"}) == 1


async def test_students_with_names_alike_are_not_mixed_up(
    caller: CallerOf, service: httpx.AsyncClient
):
    """Ids of enrolments are made of two ids; none may look like another."""
    for course_id, student in (("a:b", "c"), ("a", "b:c"), ("a.b", "c")):
        video = a_material_body(f"{course_id}-video")
        await put_course(service, course_id, a_course_body(video), students=(student,))

    found = [
        (await caller(student).get(f"/api/progress/course/{course_id}")).status_code
        for course_id, student in (("a:b", "c"), ("a", "b:c"), ("a", "c"), ("a:b", "b:c"))
    ]
    assert found == [200, 200, 403, 403]
