"""The gradebook of a course: pages of all students, and of those that changed."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from progress_service.domain.opaque_text import encode_opaque
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS
from tests.builders import a_body, a_course_body, a_material_body, at, brief, wire
from tests.conftest import CallerOf, put_course

GRADEBOOK = "/api/progress/course/react/students"
FIELDS = [
    "student_id",
    "enrolled_at",
    "overall_progress",
    "completed_ids",
    "last_watched",
    "completed_at",
]


async def page(service: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    response = await service.get(GRADEBOOK, params=query)
    found: dict[str, Any] = response.raise_for_status().json()
    return found


async def pages(service: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    found = [await page(service, **query)]
    while found[-1]["next"] is not None:
        found.append(await page(service, **{**query, "after": found[-1]["next"]}))
    return found


async def ids_since(service: httpx.AsyncClient, cursor: str) -> list[str]:
    return [row["student_id"] for row in (await page(service, changed_since=cursor))["students"]]


async def watch(caller: httpx.AsyncClient, percent: float, video_id: str = "intro") -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    body = a_body(watch_time=6 * percent, observed_at=wire(at(-30)))
    (await caller.post(path, json=body)).raise_for_status()


@pytest.fixture
async def students(service: httpx.AsyncClient, caller: CallerOf) -> dict[str, httpx.AsyncClient]:
    """Three students of ``react``."""
    names = ("ana", "ben", "cleo")
    await put_course(service, "react", a_course_body(), students=names)
    return {name: caller(name) for name in names}


async def test_gradebook_has_every_student_with_the_values_of_course_progress(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    await watch(students["ben"], 45.5)
    await watch(students["ben"], 100, "hooks")

    found = await page(service)

    assert found["students"] == [
        {
            "student_id": "ana",
            "enrolled_at": wire(at(0)),
            "overall_progress": 0.0,
            "completed_ids": [],
            "last_watched": None,
            "completed_at": None,
        },
        {
            "student_id": "ben",
            "enrolled_at": wire(at(0)),
            "overall_progress": 48.5,
            "completed_ids": ["hooks"],
            "last_watched": wire(at(-30)),
            "completed_at": None,
        },
        {
            "student_id": "cleo",
            "enrolled_at": wire(at(0)),
            "overall_progress": 0.0,
            "completed_ids": [],
            "last_watched": None,
            "completed_at": None,
        },
    ]
    assert (found["course_id"], found["ended_enrollments"], found["next"]) == ("react", [], None)


async def test_gradebook_pages_follow_each_other_in_order_of_the_ids(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    found = await pages(service, limit=1)

    assert [[row["student_id"] for row in one["students"]] for one in found] == [
        ["ana"],
        ["ben"],
        ["cleo"],
    ]


async def test_gradebook_of_a_course_without_materials_or_students(service: httpx.AsyncClient):
    await put_course(service, "react", a_course_body() | {"materials": []}, students=())
    empty = await page(service)
    await service.put("/api/catalog/courses/react/enrollments/ana")

    assert empty["students"] == []
    assert await ids_since(service, empty["cursor"]) == ["ana"]


async def test_changed_since_returns_only_what_changed(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    for client in students.values():
        await watch(client, 10)
    first = await page(service)

    unchanged = await page(service, changed_since=first["cursor"])
    await watch(students["ben"], 20)
    changed = await page(service, changed_since=unchanged["cursor"])

    assert unchanged["students"] == []
    assert [(row["student_id"], row["overall_progress"]) for row in changed["students"]] == [
        ("ben", 6.67)
    ]
    assert await ids_since(service, changed["cursor"]) == []
    assert await ids_since(service, first["cursor"]) == ["ben"]


async def test_changed_since_has_marks_and_unmarks(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    mark = "/api/progress/material/notes/complete"
    cursor = (await page(service))["cursor"]

    await students["cleo"].post(mark)
    marked = await page(service, changed_since=cursor)
    await students["cleo"].delete(mark)
    unmarked = await page(service, changed_since=marked["cursor"])

    assert [row["completed_ids"] for row in marked["students"]] == [["notes"]]
    assert [row["completed_ids"] for row in unmarked["students"]] == [[]]


async def test_changed_since_has_new_students_and_ended_enrollments(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    enrollments = "/api/catalog/courses/react/enrollments"
    cursor = (await page(service))["cursor"]

    await service.put(f"{enrollments}/dora")
    await service.delete(f"{enrollments}/ben")
    changed = await page(service, changed_since=cursor)
    after = await page(service, changed_since=changed["cursor"])
    await service.put(f"{enrollments}/ben")
    returned = await page(service, changed_since=after["cursor"])

    assert [row["student_id"] for row in changed["students"]] == ["dora"]
    assert changed["ended_enrollments"] == ["ben"]
    assert (after["students"], after["ended_enrollments"]) == ([], [])
    assert [row["student_id"] for row in returned["students"]] == ["ben"]
    assert returned["ended_enrollments"] == []


async def test_ended_enrollments_are_part_of_the_page_of_their_range(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    enrollments = "/api/catalog/courses/react/enrollments"
    names = [f"new-{n}" for n in range(5)]
    await service.put(enrollments, json={"student_ids": names})
    cursor = (await page(service))["cursor"]
    for name in ("ana", "ben", "new-1", "new-4"):
        await service.delete(f"{enrollments}/{name}")
    await watch(students["cleo"], 50)

    found = await pages(service, changed_since=cursor, limit=1)

    assert [one for each in found for one in each["ended_enrollments"]] == [
        "ana",
        "ben",
        "new-1",
        "new-4",
    ]
    assert [row["student_id"] for each in found for row in each["students"]] == ["cleo"]
    assert all(len(each["ended_enrollments"]) <= 1 for each in found)


@pytest.mark.parametrize(
    "change",
    [
        {"complete_at_percent": 40},
        {"materials": [a_material_body("intro"), a_material_body("more")]},
        {"materials": [a_material_body("intro", duration_seconds=300)]},
        {"materials": [a_material_body("intro", required=False), a_material_body("hooks")]},
    ],
    ids=brief,
)
async def test_changed_since_returns_everybody_after_a_change_of_the_course(
    change: dict[str, Any],
    service: httpx.AsyncClient,
    students: dict[str, httpx.AsyncClient],
):
    await watch(students["ben"], 45)
    cursor = (await page(service))["cursor"]

    await service.put("/api/catalog/courses/react", json=a_course_body() | change)
    changed = await page(service, changed_since=cursor)
    everybody = await page(service)

    rows = {row["student_id"]: row for row in changed["students"]}
    same = [row for row in everybody["students"] if row["student_id"] not in rows]
    assert rows["ben"] in everybody["students"]
    assert all(row["overall_progress"] == 0.0 for row in same)  # as the client has them
    assert await ids_since(service, changed["cursor"]) == []


async def test_changed_since_ignores_a_course_that_was_put_again(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    for name in ("ana", "ben", "cleo"):
        await watch(students[name], 30)
    cursor = (await page(service))["cursor"]

    await service.put("/api/catalog/courses/react", json=a_course_body(title="React 2"))

    assert await ids_since(service, cursor) == []


async def test_cursor_of_a_page_is_from_the_first_page(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    first = await page(service, limit=2)
    await watch(students["ana"], 30)
    second = await page(service, limit=2, after=first["next"])

    assert [row["student_id"] for row in second["students"]] == ["cleo"]
    assert await ids_since(service, second["cursor"]) == ["ana"]


async def test_course_that_changes_between_pages_makes_all_rows_change(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    for client in students.values():
        await watch(client, 60)
    lower = a_course_body(complete_at_percent=50)
    first = await page(service, limit=1)
    await service.put("/api/catalog/courses/react", json=lower)
    rest = await pages(service, limit=1, after=first["next"])

    changed = await page(service, changed_since=rest[-1]["cursor"])

    held = {row["student_id"]: row for each in (first, *rest) for row in each["students"]}
    held |= {row["student_id"]: row for row in changed["students"]}
    everybody = await page(service)
    assert list(held.values()) == everybody["students"]
    assert held["ana"]["completed_ids"] == ["intro"]


async def test_next_page_accepts_the_same_changed_since_or_none(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    cursor = (await page(service))["cursor"]
    other = (await page(service, limit=1))["cursor"]
    await watch(students["ana"], 30)
    await watch(students["cleo"], 30)
    first = await page(service, changed_since=cursor, limit=1)

    with_it = await page(service, changed_since=cursor, limit=1, after=first["next"])
    without = await page(service, limit=1, after=first["next"])
    another = await service.get(GRADEBOOK, params={"changed_since": other, "after": first["next"]})

    assert [row["student_id"] for row in with_it["students"]] == ["cleo"]
    assert without["students"] == with_it["students"]
    assert another.status_code == 422
    assert another.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize("name", ["changed_since", "after"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "bnVsbA",
        "a" * 9_000,
        encode_opaque("[]"),
        encode_opaque('["react",1e400,"",""]'),
        encode_opaque('["react",' + "9" * 40 + ',"",""]'),
        encode_opaque('["other",1700000000000,"",""]'),
        encode_opaque('["\\ud800",null,["react",1700000000000,"",""]]'),
        encode_opaque("[" * 3_000),
    ],
    ids=brief,
)
async def test_unreadable_cursor_is_rejected(
    name: str, text: str, service: httpx.AsyncClient, students: Any
):
    response = await service.get(GRADEBOOK, params={name: text})

    assert response.status_code == 422, response.text
    assert response.json()["code"] == "bad_cursor"
    assert [error["field"] for error in response.json()["errors"]] == [name]


async def test_cursor_of_another_course_is_rejected(service: httpx.AsyncClient, students: Any):
    await put_course(service, "other", a_course_body(a_material_body("elsewhere")), students=("x",))
    other = "/api/progress/course/other/students"
    found = (await service.get(other, params={"limit": 1})).json()

    response = await service.get(GRADEBOOK, params={"changed_since": found["cursor"]})

    assert response.status_code == 422
    assert response.json()["code"] == "bad_cursor"


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", ""])
async def test_invalid_limit_is_rejected(limit: str, service: httpx.AsyncClient, students: Any):
    response = await service.get(GRADEBOOK, params={"limit": limit})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "limit"


async def test_gradebook_of_an_unknown_or_removed_course_is_not_found(
    service: httpx.AsyncClient, students: Any
):
    unknown = await service.get("/api/progress/course/nothing/students")
    await service.delete("/api/catalog/courses/react")
    removed = await service.get(GRADEBOOK)

    assert [unknown.status_code, removed.status_code] == [404, 404]
    assert unknown.json()["code"] == "course_not_found"


async def test_gradebook_is_for_services_only(
    ana: httpx.AsyncClient, tom: httpx.AsyncClient, course: Any
):
    assert [(await who.get(GRADEBOOK)).status_code for who in (ana, tom)] == [403, 403]


async def test_gradebook_as_csv_has_the_same_rows(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    await watch(students["ben"], 100)
    await watch(students["ben"], 100, "hooks")
    await service.put("/api/catalog/courses/react/enrollments/=1+2")
    as_json = await page(service, limit=3)

    response = await service.get(GRADEBOOK, params={"limit": 3}, headers={"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert list(rows[0]) == FIELDS
    assert [row["student_id"] for row in rows] == ["'=1+2", "ana", "ben"]
    assert rows[2] == {
        "student_id": "ben",
        "enrolled_at": wire(at(0)),
        "overall_progress": "66.67",
        "completed_ids": "intro hooks",
        "last_watched": wire(at(-30)),
        "completed_at": "",
    }
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    follow = await service.get(response.links["next"]["url"], headers={"Accept": "text/csv"})
    assert [row["student_id"] for row in csv.DictReader(io.StringIO(follow.text))] == ["cleo"]
    assert "link" not in follow.headers
    assert await ids_since(service, follow.headers["progress-cursor"]) == []
    assert as_json["next"] is not None


async def test_ended_enrollment_in_csv_is_a_row_with_an_id_alone(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    cursor = (await page(service))["cursor"]
    await service.delete("/api/catalog/courses/react/enrollments/ben")

    response = await service.get(
        GRADEBOOK, params={"changed_since": cursor}, headers={"Accept": "text/csv"}
    )

    assert response.text.splitlines()[1:] == ["ben,,,,,"]


async def test_gradebook_repairs_enrolments_so_that_a_completed_course_stays_completed(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient], database: Database
):
    one = a_course_body(a_material_body("intro"))
    await service.put("/api/catalog/courses/react", json=one)
    await watch(students["ben"], 60)
    await service.put("/api/catalog/courses/react", json=one | {"complete_at_percent": 50})
    before = {row["student_id"]: row for row in (await page(service))["students"]}
    await service.put("/api/catalog/courses/react", json=a_course_body())

    after = {row["student_id"]: row for row in (await page(service))["students"]}

    assert before["ben"]["completed_at"] is not None
    assert after["ben"]["completed_at"] == before["ben"]["completed_at"]
    held = await database[ENROLLMENTS].find_one({"student_id": "ben"})
    assert held is not None
    assert held["completed_at"] is not None


@pytest.mark.settings(root_path="/learn")
async def test_next_page_of_csv_has_the_path_prefix(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    response = await service.get(
        f"/learn{GRADEBOOK}", params={"limit": 1}, headers={"Accept": "text/csv"}
    )
    follow = await service.get(response.links["next"]["url"])

    assert response.links["next"]["url"].startswith(f"/learn{GRADEBOOK}?limit=1&after=")
    assert [row["student_id"] for row in follow.json()["students"]] == ["ben"]


async def test_gradebook_lists_students_of_identity_providers(
    service: httpx.AsyncClient, caller: CallerOf
):
    names = ["auth0|5f7c8ec7", "a+b@example.org", "Ünal", "😀" * 63]
    await put_course(service, "react", a_course_body(), students=())
    await service.put("/api/catalog/courses/react/enrollments", json={"student_ids": names})
    await watch(caller("auth0|5f7c8ec7"), 50)

    found = await pages(service, limit=1)

    rows = [row for each in found for row in each["students"]]
    assert [row["student_id"] for row in rows] == sorted(names)
    assert [row["overall_progress"] for row in rows] == [0.0, 16.67, 0.0, 0.0]


async def test_ended_students_do_not_change_the_order_of_csv_rows(
    service: httpx.AsyncClient, students: dict[str, httpx.AsyncClient]
):
    cursor = (await page(service))["cursor"]
    await service.delete("/api/catalog/courses/react/enrollments/ben")
    await watch(students["ana"], 10)
    await watch(students["cleo"], 10)

    response = await service.get(
        GRADEBOOK, params={"changed_since": cursor}, headers={"Accept": "text/csv"}
    )

    ids = [line.split(",")[0] for line in response.text.splitlines()[1:]]
    assert ids == ["ana", "ben", "cleo"]
