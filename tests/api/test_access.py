"""Authentication, and what each role may do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.edge.token_verifier import Role
from tests.builders import a_body, a_course_body, a_material_body, a_token, bearer
from tests.conftest import CallerOf, put_course
from tests.security.hostile_tokens import claiming
from tests.security.test_tokens import is_rejected

STATUS = "/api/progress/video/intro/status"
COURSE = "/api/catalog/courses/react"

# -- authentication ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YW5hOmFuYQ==", "Token {}", "{}", "Bearer  {}", "Bearer\t{}"],
)
async def test_authorization_header_of_another_form_is_rejected(
    anyone: httpx.AsyncClient, header: str
):
    headers = {"Authorization": header.format(a_token())}

    assert is_rejected(await anyone.get(STATUS, headers=headers))


async def test_token_in_the_query_is_rejected(anyone: httpx.AsyncClient):
    assert is_rejected(await anyone.get(STATUS, params={"access_token": a_token()}))


@pytest.mark.parametrize("role", ["student", "teacher", "service"])
@pytest.mark.parametrize(
    "sent",
    [("{valid}", "{valid}"), ("{valid}", "{invalid}"), ("{invalid}", "{valid}"), ("{valid}", "")],
    ids=["the same twice", "valid first", "valid last", "empty second"],
)
async def test_authorization_header_sent_twice_is_rejected_on_every_route(
    anyone: httpx.AsyncClient, course: Any, role: Role, sent: tuple[str, str]
):
    subject = "tom" if role == "teacher" else "ana"
    values = [
        text.format(valid=f"Bearer {a_token(subject, role)}", invalid="Bearer x.y.z")
        for text in sent
    ]
    headers = [("Authorization", value) for value in values]
    for method, path, body in (*LEARNER_CALLS, *EDITOR_CALLS, *OTHER_CALLS):
        response = await anyone.request(method, path, json=body, headers=headers)

        assert is_rejected(response), (method, path)
        assert "send exactly one" in response.json()["detail"]


async def test_authorization_scheme_is_case_insensitive(anyone: httpx.AsyncClient, course: Any):
    response = await anyone.get(STATUS, headers={"Authorization": f"bEaReR {a_token()}"})

    assert response.status_code == 200


# -- roles -------------------------------------------------------------------------------------

LEARNER_CALLS = [
    ("POST", "/api/progress/video/intro/watch-time", a_body()),
    ("GET", STATUS, None),
    ("POST", "/api/progress/videos/batch", {"video_ids": ["intro"]}),
    ("GET", "/api/progress/course/react", None),
    ("POST", "/api/progress/material/notes/complete", None),
    ("DELETE", "/api/progress/material/notes/complete", None),
]
OTHER_CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/api/progress/events", {}),
    ("GET", "/api/progress/changes", None),
    ("GET", "/api/progress/video/intro/resume", None),
    ("GET", "/api/progress/courses", None),
    ("GET", "/api/progress/continue-watching", None),
    ("GET", COURSE, None),
]
EDITOR_CALLS = [
    ("PUT", COURSE, a_course_body()),
    ("PUT", f"{COURSE}/enrollments/ben", None),
    ("PUT", f"{COURSE}/enrollments", {"student_ids": ["ben"]}),
    ("GET", f"{COURSE}/enrollments", None),
    ("DELETE", f"{COURSE}/enrollments/ben", None),
    ("DELETE", COURSE, None),
]


@pytest.mark.parametrize("role", ["teacher", "service"])
@pytest.mark.parametrize(("method", "path", "body"), LEARNER_CALLS)
async def test_learner_call_requires_the_student_role(
    caller: CallerOf, course: Any, role: Any, method: str, path: str, body: Any
):
    response = await caller("ana", role).request(method, path, json=body)

    assert (response.status_code, response.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(("method", "path", "body"), EDITOR_CALLS)
async def test_student_cannot_change_the_catalogue(
    ana: httpx.AsyncClient, course: Any, method: str, path: str, body: Any
):
    response = await ana.request(method, path, json=body)

    assert (response.status_code, response.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(("method", "path", "body"), EDITOR_CALLS)
async def test_other_teacher_cannot_change_the_course(
    caller: CallerOf, course: Any, method: str, path: str, body: Any
):
    response = await caller("eve", "teacher").request(method, path, json=body)

    assert (response.status_code, response.json()["code"]) == (403, "not_teacher")


@pytest.mark.parametrize(("method", "path", "body"), EDITOR_CALLS)
@pytest.mark.parametrize(("subject", "role"), [("tom", "teacher"), ("importer", "service")])
async def test_course_can_be_changed_by_its_teacher_and_a_service(
    caller: CallerOf,
    course: Any,
    subject: str,
    role: Any,
    method: str,
    path: str,
    body: Any,
):
    response = await caller(subject, role).request(method, path, json=body)

    assert response.status_code in (200, 204)


async def test_teacher_cannot_take_over_another_teachers_course(caller: CallerOf, course: Any):
    eve = caller("eve", "teacher")

    response = await eve.put(COURSE, json=a_course_body(teacher_ids=["eve"]))

    assert response.status_code == 403


async def test_teacher_cannot_put_a_new_course_they_do_not_teach(caller: CallerOf):
    eve = caller("eve", "teacher")

    response = await eve.put(COURSE, json=a_course_body(teacher_ids=["tom"]))

    assert (response.status_code, response.json()["code"]) == (403, "not_teacher")


async def test_teacher_can_put_a_new_course_they_teach(tom: httpx.AsyncClient):
    assert (await tom.put(COURSE, json=a_course_body())).status_code == 200


async def test_teacher_with_the_student_role_can_read_their_status(
    anyone: httpx.AsyncClient, course: Any
):
    token = claiming(sub="ana", role=..., roles=["teacher", "student"])

    response = await anyone.get(STATUS, headers=bearer(token))

    assert response.status_code == 200


# -- course access -----------------------------------------------------------------------------


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
async def test_course_is_visible_to_its_students_its_teachers_and_services_only(
    caller: CallerOf, course: Any, subject: str, role: Any, status: int
):
    assert (await caller(subject, role).get(COURSE)).status_code == status


# -- enrolment ---------------------------------------------------------------------------------

VIDEO_CALLS = [call for call in LEARNER_CALLS if "/video/" in call[1] or "/material/" in call[1]]


@pytest.mark.parametrize(("method", "path", "body"), VIDEO_CALLS)
async def test_video_and_material_calls_require_an_enrolment(
    caller: CallerOf, course: Any, method: str, path: str, body: Any
):
    response = await caller("ben").request(method, path, json=body)

    assert (response.status_code, response.json()["code"]) == (403, "not_enrolled")


@pytest.mark.parametrize(("method", "path", "body"), VIDEO_CALLS)
async def test_unknown_video_or_material_is_not_found(
    ana: httpx.AsyncClient, method: str, path: str, body: Any
):
    response = await ana.request(method, path, json=body)

    assert response.status_code == 404
    assert response.json()["code"] in {"video_not_found", "material_not_found"}


async def test_reading_is_not_found_as_a_video(ana: httpx.AsyncClient, course: Any):
    response = await ana.get("/api/progress/video/notes/status")

    assert (response.status_code, response.json()["code"]) == (404, "video_not_found")


async def test_course_progress_requires_an_enrolment(caller: CallerOf, course: Any):
    response = await caller("ben").get("/api/progress/course/react")

    assert (response.status_code, response.json()["code"]) == (403, "not_enrolled")


async def test_unknown_course_is_not_found(ana: httpx.AsyncClient):
    response = await ana.get("/api/progress/course/nowhere")

    assert (response.status_code, response.json()["code"]) == (404, "course_not_found")


@pytest.mark.parametrize(("method", "path", "body"), [*VIDEO_CALLS, LEARNER_CALLS[3]])
async def test_ended_enrolment_takes_effect_immediately(
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


async def test_new_enrolment_takes_effect_immediately(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    ben = caller("ben")
    assert (await ben.get(STATUS)).status_code == 403

    await service.put(f"{COURSE}/enrollments/ben")

    assert (await ben.get(STATUS)).status_code == 200


async def test_removed_material_is_not_found_immediately(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    assert (await ana.get(STATUS)).status_code == 200

    await service.put(COURSE, json=a_course_body(a_material_body("hooks")))

    assert (await ana.get(STATUS)).status_code == 404


async def test_material_moved_to_another_course_requires_that_enrolment(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())

    await service.put(COURSE, json=a_course_body(a_material_body("hooks")))
    await put_course(service, "vue", a_course_body(a_material_body("intro")), students=())

    assert (await ana.get(STATUS)).json()["code"] == "not_enrolled"


async def test_student_sees_their_own_progress_only(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await service.put(f"{COURSE}/enrollments/ben")
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())

    status = (await caller("ben").get(STATUS)).json()

    assert (status["watch_time"], status["last_watched"]) == (0, None)


@pytest.mark.parametrize("field", ["student_id", "sub", "user_id"])
async def test_report_body_with_a_student_id_is_rejected(
    ana: httpx.AsyncClient, course: Any, field: str
):
    response = await ana.post("/api/progress/video/intro/watch-time", json=a_body(**{field: "ben"}))

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
