"""The list of courses, and single enrolments, for editors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.catalog import course_list
from progress_service.mongo.client import Database
from tests.builders import a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, put_course

LIST = "/api/catalog/courses"


async def page(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(LIST, params=query)).raise_for_status().json()
    return found


async def ids(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [course["course_id"] for course in (await page(client, **query))["courses"]]


async def put_courses(service: httpx.AsyncClient, *names: str, **given: Any) -> None:
    for name in names:
        body = a_course_body(a_material_body(f"v-{name}"), title=name, **given)
        await put_course(service, name, body, students=())


# -- courses -----------------------------------------------------------------------------------


async def test_listed_course_has_no_materials(service: httpx.AsyncClient, course: Any):
    assert await page(service) == {
        "courses": [
            {"course_id": "react", "title": "React", "teacher_ids": ["tom"], "material_count": 3}
        ],
        "next": None,
    }


async def test_list_without_courses_is_empty(service: httpx.AsyncClient, tom: httpx.AsyncClient):
    for client in (service, tom):
        assert await page(client) == {"courses": [], "next": None}


async def test_courses_are_in_the_order_of_their_ids(service: httpx.AsyncClient):
    await put_courses(service, "b", "a", "B", "a-b", "a.b", "10", "9")

    assert await ids(service) == sorted(["b", "a", "B", "a-b", "a.b", "10", "9"])


async def test_teacher_lists_the_courses_they_teach(
    caller: CallerOf, tom: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_courses(service, "a", "c")
    await put_courses(service, "b", teacher_ids=["eva"])
    await put_courses(service, "d", teacher_ids=["eva", "tom"])
    await put_courses(service, "e", teacher_ids=[])

    assert await ids(tom) == ["a", "c", "d"]
    assert await ids(caller("eva", "teacher")) == ["b", "d"]
    assert await ids(caller("$where", "teacher")) == []
    assert await ids(service) == ["a", "b", "c", "d", "e"]


async def test_course_list_is_not_for_students(ana: httpx.AsyncClient, course: Any):
    response = await ana.get(LIST)

    assert (response.status_code, response.json()["code"]) == (403, "wrong_role")


async def test_course_list_follows_changes_at_once(
    service: httpx.AsyncClient, tom: httpx.AsyncClient
):
    await put_courses(service, "a", "b")
    await put_courses(service, "a", teacher_ids=["eva"])
    await service.delete(f"{LIST}/b")

    assert await ids(tom) == []
    assert await ids(service) == ["a"]


@pytest.mark.parametrize("limit", [1, 5, 7, 12, 13, 200])
@pytest.mark.parametrize("editor", ["service", "tom"])
async def test_pages_contain_every_course_once(
    request: pytest.FixtureRequest, service: httpx.AsyncClient, editor: str, limit: int
):
    names = [f"course-{number:02}" for number in range(12)]
    await put_courses(service, *names)
    client = request.getfixturevalue(editor)

    sizes, found = [], []
    query: dict[str, str] = {}
    while True:
        one = await page(client, limit=limit, **query)
        sizes.append(len(one["courses"]))
        found += [course["course_id"] for course in one["courses"]]
        if one["next"] is None:
            break
        query = {"after": one["next"]}

    assert found == names
    assert all(size == limit for size in sizes[:-1])
    assert sizes[-1] > 0


async def test_page_is_unaffected_by_a_removed_course(service: httpx.AsyncClient):
    await put_courses(service, "a", "b", "c", "d")
    first = await page(service, limit=2)

    await service.delete(f"{LIST}/b")

    assert await ids(service, limit=2, after=first["next"]) == ["c", "d"]


async def test_page_of_large_courses_is_shorter(
    service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    names = [f"course-{number:02}" for number in range(20)]
    await put_courses(service, *names)
    monkeypatch.setattr(course_list, "MAX_READ_BYTES", 2_000)

    sizes, found, after = [], [], None
    while True:
        one = await page(service, **({"after": after} if after else {}))
        sizes.append(len(one["courses"]))
        found += [course["course_id"] for course in one["courses"]]
        if (after := one["next"]) is None:
            break

    assert found == names
    assert len(sizes) > 2
    assert all(sizes)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"after": ""}, "after"),
        ({"after": "a b"}, "after"),
        ({"after": "é"}, "after"),
        ({"after": "x" * 129}, "after"),
        ({"after": "a\0"}, "after"),
        ({"afer": "a"}, "afer"),
    ],
)
async def test_invalid_query_parameter_is_rejected_with_its_name(
    service: httpx.AsyncClient, course: Any, query: dict[str, Any], field: str
):
    response = await service.get(LIST, params=query)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


FOREIGN: list[dict[str, Any]] = [
    {"_id": 7, "title": "A number"},
    {"_id": "no title"},
    {"_id": "no-title"},
    {"_id": "odd-title", "title": ["text"]},
    {"_id": "odd-materials", "title": "Odd", "materials": {"material_id": "x"}},
    {"_id": "with space", "title": "No call accepts this id"},
    {"_id": "line\n", "title": "No call accepts this id"},
    {"_id": "x" * 129, "title": "No call accepts this id"},
]


@pytest.mark.parametrize("limit", [1, 50])
async def test_foreign_documents_that_are_no_courses_are_skipped(
    service: httpx.AsyncClient, course: Any, database: Database, limit: int
):
    await database["courses"].insert_many([*FOREIGN, {"_id": "z", "title": "Bare"}])
    await database["courses"].insert_one({"title": "Its id is an object id"})

    first = await page(service, limit=limit)
    found = first["courses"]
    if first["next"]:
        found += (await page(service, limit=limit, after=first["next"]))["courses"]

    assert [c["course_id"] for c in found] == ["react", "z"]
    assert found[1] == {
        "course_id": "z",
        "title": "Bare",
        "teacher_ids": [],
        "material_count": 0,
    }


async def test_foreign_course_is_listed_as_it_is_read(
    service: httpx.AsyncClient, tom: httpx.AsyncClient, database: Database
):
    materials = [
        {"material_id": "a"},
        {"material_id": "a", "title": "Again"},
        {"material_id": 7},
        {"title": "Without an id"},
        "text",
        None,
        [{"material_id": "nested"}],
    ]
    await database["courses"].insert_many(
        [
            {"_id": "list", "title": "T", "teacher_ids": ["tom", 7, None], "materials": materials},
            {"_id": "text", "title": "T", "teacher_ids": "tom", "materials": None},
        ]
    )

    for listed in (await page(service))["courses"]:
        whole = (await service.get(f"{LIST}/{listed['course_id']}")).json()
        assert listed["teacher_ids"] == whole["teacher_ids"]
        assert listed["material_count"] == len(whole["materials"])
    assert await ids(tom) == ["list"]


async def test_fields_of_a_foreign_course_are_bounded(
    service: httpx.AsyncClient, database: Database
):
    await database["courses"].insert_one(
        {
            "_id": "large",
            "title": "é" * 100_000,
            "teacher_ids": ["x" * 100_000, *(f"t-{number}" for number in range(1_000))],
        }
    )

    [listed] = (await page(service))["courses"]

    assert listed["title"] == "é" * 500
    assert listed["teacher_ids"] == [f"t-{number}" for number in range(200)]


# -- one enrolment -----------------------------------------------------------------------------


async def test_enrolment_has_its_date(
    service: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    for client in (service, tom):
        response = await client.get(f"{LIST}/react/enrollments/ana")

        assert response.json() == {
            "course_id": "react",
            "student_id": "ana",
            "enrolled_at": wire(at()),
        }


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("react/enrollments/eve", "enrollment_not_found"),
        ("none/enrollments/ana", "course_not_found"),
    ],
)
@pytest.mark.parametrize("editor", ["service", "tom"])
async def test_missing_enrolment_is_not_found(
    request: pytest.FixtureRequest, course: Any, editor: str, path: str, code: str
):
    response = await request.getfixturevalue(editor).get(f"{LIST}/{path}")

    assert (response.status_code, response.json()["code"]) == (404, code)


async def test_ended_enrolment_is_not_found_at_once(service: httpx.AsyncClient, course: Any):
    address = f"{LIST}/react/enrollments/ana"
    assert (await service.get(address)).status_code == 200

    await service.delete(address)

    assert (await service.get(address)).status_code == 404


async def test_enrolment_is_for_services_and_teachers_of_the_course(
    caller: CallerOf, ana: httpx.AsyncClient, course: Any
):
    responses = [
        await client.get(f"{LIST}/react/enrollments/ana")
        for client in (ana, caller("eva", "teacher"))
    ]

    codes = [(response.status_code, response.json()["code"]) for response in responses]
    assert codes == [(403, "wrong_role"), (403, "not_teacher")]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        (1_763_632_800, "2025-11-20T10:00:00Z"),
        ("long ago", None),
        (None, None),
        ({"much": True}, None),
    ],
)
async def test_enrolment_of_another_program_is_read(
    service: httpx.AsyncClient, course: Any, database: Database, stored: Any, expected: str | None
):
    await database["enrollments"].insert_many(
        [
            {"student_id": "ben", "course_id": "react", "enrolled_at": stored},
            {"student_id": ["carl"], "course_id": "react"},
        ]
    )

    found = await service.get(f"{LIST}/react/enrollments/ben")
    array = await service.get(f"{LIST}/react/enrollments/carl")

    assert found.json()["enrolled_at"] == expected
    assert array.status_code == 404
