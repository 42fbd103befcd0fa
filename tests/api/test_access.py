"""Who is let in, and what they may."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.edge.tokens import Role
from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer
from tests.conftest import CallerOf, put_course
from tests.security.hostile_tokens import claiming
from tests.security.test_tokens import is_refused

STATUS = "/api/progress/video/intro/status"
COURSE = "/api/catalog/courses/react"

# -- who is let in -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YW5hOmFuYQ==", "Token {}", "{}", "Bearer  {}", "Bearer\t{}"],
)
async def test_another_header_is_refused(anyone: httpx.AsyncClient, header: str):
    headers = {"Authorization": header.format(a_token())}

    assert is_refused(await anyone.get(STATUS, headers=headers))


async def test_a_token_in_the_address_is_refused(anyone: httpx.AsyncClient):
    assert is_refused(await anyone.get(STATUS, params={"access_token": a_token()}))


@pytest.mark.parametrize("role", ["student", "teacher", "service"])
@pytest.mark.parametrize(
    "sent",
    [("{good}", "{good}"), ("{good}", "{bad}"), ("{bad}", "{good}"), ("{good}", "")],
    ids=["the same twice", "a good one first", "a good one last", "an empty one"],
)
async def test_two_authorization_headers_are_refused_on_every_route(
    anyone: httpx.AsyncClient, course: Any, role: Role, sent: tuple[str, str]
):
    subject = "tom" if role == "teacher" else "ana"
    values = [
        text.format(good=f"Bearer {a_token(subject, role)}", bad="Bearer x.y.z") for text in sent
    ]
    headers = [("Authorization", value) for value in values]
    for method, path, body in (*LEARNERS_CALLS, *EDITORS_CALLS, *OTHER_CALLS):
        answer = await anyone.request(method, path, json=body, headers=headers)

        assert is_refused(answer), (method, path)
        assert "send exactly one" in answer.json()["detail"]


async def test_the_scheme_is_read_in_any_case(anyone: httpx.AsyncClient, course: Any):
    answer = await anyone.get(STATUS, headers={"Authorization": f"bEaReR {a_token()}"})

    assert answer.status_code == 200


# -- roles -------------------------------------------------------------------------------------

LEARNERS_CALLS = [
    ("POST", "/api/progress/video/intro/watch-time", a_body()),
    ("GET", STATUS, None),
    ("POST", "/api/progress/videos/batch", {"video_ids": ["intro"]}),
    ("GET", "/api/progress/course/react", None),
    ("POST", "/api/progress/material/notes/complete", None),
    ("DELETE", "/api/progress/material/notes/complete", None),
]
OTHER_CALLS = [
    ("POST", "/api/progress/events", {}),
    ("GET", "/api/progress/changes", None),
    ("GET", "/api/progress/video/intro/resume", None),
    ("GET", "/api/progress/courses", None),
    ("GET", "/api/progress/continue-watching", None),
    ("GET", COURSE, None),
]
EDITORS_CALLS = [
    ("PUT", COURSE, a_course_body()),
    ("PUT", f"{COURSE}/enrollments/ben", None),
    ("PUT", f"{COURSE}/enrollments", {"student_ids": ["ben"]}),
    ("GET", f"{COURSE}/enrollments", None),
    ("DELETE", f"{COURSE}/enrollments/ben", None),
    ("DELETE", COURSE, None),
]


@pytest.mark.parametrize("role", ["teacher", "service"])
@pytest.mark.parametrize(("method", "path", "body"), LEARNERS_CALLS)
async def test_learners_calls_want_a_student(
    caller: CallerOf, course: Any, role: Any, method: str, path: str, body: Any
):
    answer = await caller("ana", role).request(method, path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(("method", "path", "body"), EDITORS_CALLS)
async def test_a_student_cannot_change_the_catalogue(
    ana: httpx.AsyncClient, course: Any, method: str, path: str, body: Any
):
    answer = await ana.request(method, path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(("method", "path", "body"), EDITORS_CALLS)
async def test_another_teacher_cannot_change_the_course(
    caller: CallerOf, course: Any, method: str, path: str, body: Any
):
    answer = await caller("eve", "teacher").request(method, path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_teacher")


@pytest.mark.parametrize(("method", "path", "body"), EDITORS_CALLS)
@pytest.mark.parametrize(("subject", "role"), [("tom", "teacher"), ("importer", "service")])
async def test_its_teacher_and_a_service_can_change_the_course(
    caller: CallerOf,
    course: Any,
    subject: str,
    role: Any,
    method: str,
    path: str,
    body: Any,
):
    answer = await caller(subject, role).request(method, path, json=body)

    assert answer.status_code in (200, 204)


async def test_another_teacher_cannot_take_a_course_over(caller: CallerOf, course: Any):
    eve = caller("eve", "teacher")

    answer = await eve.put(COURSE, json=a_course_body(teacher_ids=["eve"]))

    assert answer.status_code == 403


async def test_who_puts_a_new_course_must_teach_it(caller: CallerOf):
    eve = caller("eve", "teacher")

    answer = await eve.put(COURSE, json=a_course_body(teacher_ids=["tom"]))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_teacher")


async def test_a_teacher_can_put_a_new_course_of_their_own(tom: httpx.AsyncClient):
    assert (await tom.put(COURSE, json=a_course_body())).status_code == 200


async def test_a_teacher_who_also_learns_can_do_both(anyone: httpx.AsyncClient, course: Any):
    token = claiming(sub="ana", role=..., roles=["teacher", "student"])

    answer = await anyone.get(STATUS, headers=bearer(token))

    assert answer.status_code == 200


# -- who may see a course ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "role", "status"),
    [
        ("ana", "student", 200),
        ("ben", "student", 403),
        ("tom", "teacher", 200),
        ("eve", "teacher", 403),
        ("importer", "service", 200),
        ("ana", "teacher", 403),
        ("tom", "student", 403),
    ],
)
async def test_a_course_is_seen_by_its_people_only(
    caller: CallerOf, course: Any, subject: str, role: Any, status: int
):
    assert (await caller(subject, role).get(COURSE)).status_code == status


# -- enrolment ---------------------------------------------------------------------------------

VIDEO_CALLS = [call for call in LEARNERS_CALLS if "/video/" in call[1] or "/material/" in call[1]]


@pytest.mark.parametrize(("method", "path", "body"), VIDEO_CALLS)
async def test_who_is_not_enrolled_is_refused(
    caller: CallerOf, course: Any, method: str, path: str, body: Any
):
    answer = await caller("ben").request(method, path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_enrolled")


@pytest.mark.parametrize(("method", "path", "body"), VIDEO_CALLS)
async def test_what_does_not_exist_is_not_found(
    ana: httpx.AsyncClient, method: str, path: str, body: Any
):
    answer = await ana.request(method, path, json=body)

    assert answer.status_code == 404
    assert answer.json()["code"] in {"video_not_found", "material_not_found"}


async def test_a_reading_is_no_video(ana: httpx.AsyncClient, course: Any):
    answer = await ana.get("/api/progress/video/notes/status")

    assert (answer.status_code, answer.json()["code"]) == (404, "video_not_found")


async def test_a_course_one_is_not_in_is_refused(caller: CallerOf, course: Any):
    answer = await caller("ben").get("/api/progress/course/react")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_enrolled")


async def test_a_course_that_does_not_exist_is_not_found(ana: httpx.AsyncClient):
    answer = await ana.get("/api/progress/course/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "course_not_found")


@pytest.mark.parametrize(("method", "path", "body"), [*VIDEO_CALLS, LEARNERS_CALLS[3]])
async def test_an_ended_enrolment_counts_at_once(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    method: str,
    path: str,
    body: Any,
):
    assert (await ana.request(method, path, json=body)).status_code == 200

    await service.delete(f"{COURSE}/enrollments/ana")

    assert (await ana.request(method, path, json=body)).status_code == 403


async def test_a_new_enrolment_counts_at_once(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    ben = caller("ben")
    assert (await ben.get(STATUS)).status_code == 403

    await service.put(f"{COURSE}/enrollments/ben")

    assert (await ben.get(STATUS)).status_code == 200


async def test_a_removed_material_is_gone_at_once(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    assert (await ana.get(STATUS)).status_code == 200

    await service.put(COURSE, json=a_course_body(a_material_body("hooks")))

    assert (await ana.get(STATUS)).status_code == 404


async def test_a_material_that_moved_to_another_course_counts_there(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())

    await service.put(COURSE, json=a_course_body(a_material_body("hooks")))
    await put_course(service, "vue", a_course_body(a_material_body("intro")), students=())

    assert (await ana.get(STATUS)).json()["code"] == "not_enrolled"


async def test_students_see_their_own_progress_only(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await service.put(f"{COURSE}/enrollments/ben")
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())

    status = (await caller("ben").get(STATUS)).json()

    assert (status["watch_time"], status["last_watched"]) == (0, None)


@pytest.mark.parametrize("field", ["student_id", "sub", "user_id"])
async def test_no_body_names_a_student(ana: httpx.AsyncClient, course: Any, field: str):
    answer = await ana.post("/api/progress/video/intro/watch-time", json=a_body(**{field: "ben"}))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
