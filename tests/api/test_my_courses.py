"""The list of a student's courses, with the progress of each."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.domain.course_list import encode_cursor
from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, put_course

LIST = "/api/progress/courses"


async def page(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(LIST, params=query)).raise_for_status().json()
    return found


async def course_ids(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [course["course_id"] for course in (await page(client, **query))["courses"]]


async def watch(client: httpx.AsyncClient, video_id: str, percent: float, **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await client.post(path, json=a_body(watch_time=6 * percent, **given))).raise_for_status()


async def put_courses(service: httpx.AsyncClient, *names: str, **titles: str) -> None:
    """Put courses with Ana enrolled and one video each, ``v-`` and the course's name."""
    for name in names:
        body = a_course_body(a_material_body(f"v-{name}"), title=titles.get(name, name))
        await put_course(service, name, body)


async def test_course_in_the_list_has_its_progress(ana: httpx.AsyncClient, course: Any):
    await watch(ana, "intro", 100, observed_at=wire(at(-60)))
    await watch(ana, "hooks", 50, observed_at=wire(at(-30)))

    assert await page(ana) == {
        "courses": [
            {
                "course_id": "react",
                "title": "React",
                "overall_progress": 50.0,
                "materials": {"total": 3, "completed": 1},
                "last_watched": wire(at(-30)),
                "completed_at": None,
            }
        ],
        "next": None,
    }


async def test_course_in_the_list_agrees_with_its_course_progress(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_courses(service, "done", "open", "empty")
    await watch(ana, "intro", 85)
    await watch(ana, "v-done", 100)
    await watch(ana, "v-open", 33.3)
    await ana.post("/api/progress/material/notes/complete")

    for listed in (await page(ana))["courses"]:
        response = await ana.get(f"/api/progress/course/{listed['course_id']}")
        alone = response.json()["progress"]
        del alone["materials"]["completed_ids"]
        fields = ("course_id", "overall_progress", "materials", "last_watched", "completed_at")
        assert {name: listed[name] for name in fields} == {name: alone[name] for name in fields}


async def test_courses_are_sorted_by_activity_then_by_title(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    titles = {"one": "Zoology", "two": "astronomy", "three": "Élan", "four": "Botany"}
    await put_courses(service, "old", "new", *titles, **titles)
    await watch(ana, "v-old", 10, observed_at=wire(at(-90)))
    await watch(ana, "v-new", 10, observed_at=wire(at(-60)))

    assert await course_ids(ana) == ["new", "old", "two", "four", "three", "one"]


async def test_completion_mark_is_activity(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_courses(service, "another")
    await watch(ana, "v-another", 10, observed_at=wire(at(-90)))

    await ana.post("/api/progress/material/notes/complete")

    assert await course_ids(ana) == ["react", "another"]


async def test_course_pages_contain_every_course_once(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    names = [f"course-{number:02}" for number in range(12)]
    await put_courses(service, *names)
    for number, name in enumerate(names[:5]):
        await watch(ana, f"v-{name}", 10, observed_at=wire(at(-60 - number // 2)))

    sizes: list[int] = []
    found: list[str] = []
    query: dict[str, str] | None = {}
    while query is not None:
        response = await page(ana, limit=5, **query)
        sizes.append(len(response["courses"]))
        found += [course["course_id"] for course in response["courses"]]
        query = {"after": response["next"]} if response["next"] else None

    assert sizes == [5, 5, 2]
    assert found == await course_ids(ana)
    assert sorted(found) == names


async def test_course_page_is_unaffected_by_an_ended_enrolment(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_courses(service, "a", "b", "c", "d")
    first = await page(ana, limit=2)

    await service.delete("/api/catalog/courses/b/enrollments/ana")

    assert await course_ids(ana, limit=2, after=first["next"]) == ["c", "d"]


async def test_course_list_contains_the_students_courses_only(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_courses(service, "removed", "left")
    await service.put("/api/catalog/courses/left/enrollments/ben")
    await service.delete("/api/catalog/courses/removed")
    await service.delete("/api/catalog/courses/left/enrollments/ana")

    assert await course_ids(ana) == ["react"]
    assert await course_ids(caller("ben")) == ["left"]
    assert await page(caller("eve")) == {"courses": [], "next": None}


async def test_complete_course_stays_complete_when_it_grows(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_courses(service, "short")
    await watch(ana, "v-short", 100)
    grown = a_course_body(a_material_body("v-short"), a_material_body("extra"))
    await put_course(service, "short", grown)

    [listed] = (await page(ana))["courses"]

    assert (listed["overall_progress"], listed["completed_at"]) == (50, wire(at()))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"after": ""}, "after"),
        ({"after": "react"}, "after"),
        ({"after": "W10"}, "after"),
        ({"after": "MQ"}, "after"),
        ({"after": "é" * 9_000}, "after"),
        ({"after": encode_cursor((True, "", "react"))}, "after"),
        ({"after": encode_cursor((1, "", None))}, "after"),  # type: ignore[arg-type]
    ],
)
async def test_invalid_query_parameter_is_rejected_with_its_name(
    ana: httpx.AsyncClient, course: Any, query: dict[str, Any], field: str
):
    response = await ana.get(LIST, params=query)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.settings(read_rate="20/minute")
async def test_course_list_of_many_materials_counts_as_several_calls(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    many = [a_material_body(f"v-{number}") for number in range(1_000)]
    await put_course(service, "long", a_course_body(*many))

    statuses = [(await ana.get(LIST)).status_code for _ in range(2)]

    assert statuses == [200, 429]


async def test_lowered_threshold_applies_to_the_course_list(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_course(service, "a", a_course_body(a_material_body("v-a", complete_at_percent=90)))
    await watch(ana, "v-a", 85)

    await put_course(service, "a", a_course_body(a_material_body("v-a", complete_at_percent=80)))

    [listed] = (await page(ana))["courses"]
    assert (listed["overall_progress"], listed["materials"]["completed"]) == (100, 1)


async def test_foreign_documents_remove_no_course_from_the_list(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, database: Database
):
    await put_courses(service, "old", "odd", "foreign")
    await database["watch_progress"].insert_many(
        [
            {
                "student_id": "ana",
                "material_id": "v-old",
                "course_id": "old",
                "watch_time": 570,
                "total_duration": 600,
                "progress_percentage": 95,
                "last_watched": at(-60),
            },
            {"student_id": "ana", "material_id": "v-odd", "watch_time": {"much": True}},
        ]
    )
    await database["enrollments"].update_one(
        {"course_id": "foreign"}, {"$unset": {"completed_ids": 1, "progress": 1, "revision": 1}}
    )
    await database["enrollments"].insert_one({"student_id": "ana", "course_id": 7})

    courses = (await page(ana))["courses"]

    assert [course["course_id"] for course in courses] == ["old", "foreign", "odd"]
    assert [course["overall_progress"] for course in courses] == [100, 0, 0]
    assert courses[0]["last_watched"] == wire(at(-60))


@pytest.mark.parametrize("character", ["x", "\ufdfa", "\U0001f393", "\x01", '"', "\u0390"])
async def test_course_pages_follow_titles_of_any_length_and_characters(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, character: str
):
    names = [f"course-{number}" for number in range(3)]
    await put_courses(service, *names, **dict.fromkeys(names, character * 500))

    found: list[str] = []
    query: dict[str, str] | None = {}
    while query is not None:
        response = await page(ana, limit=1, **query)
        found += [course["course_id"] for course in response["courses"]]
        query = {"after": response["next"]} if response["next"] else None

    assert found == names
