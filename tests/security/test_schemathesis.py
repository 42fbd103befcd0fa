"""Generated requests, valid and invalid, to every operation: the responses are as documented.

Every kind of caller sends each generated request. The seed is fixed, so that every run sends the
same requests; the number of examples bounds the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from progress_service.demo.course import STUDENT_ID, TEACHER_ID
from tests.builders import a_token, bearer
from tests.operations import ALL, DOCUMENT, Operation

BASE_URL = "http://service"
EXAMPLES = 30
MAX_ADDRESS_BYTES = 16_384  # The server rejects longer ones before the app.
CALLERS = ("student", "teacher", "service", "nobody")
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
]
EXCLUDED: dict[str, list[CheckFunction]] = {
    # The response is 200 and has the result of each event.
    "postEvents": [checks.negative_data_rejection],
    # The schema is any text; the response is 422 for other tables, and has the result of each row.
    "importProgress": [checks.negative_data_rejection, checks.positive_data_acceptance],
    # Rules between fields, or about what is stored, which a schema cannot express.
    "updateWatchTime": [checks.positive_data_acceptance],
    "putCourse": [checks.positive_data_acceptance],
    "getChanges": [checks.positive_data_acceptance],
    "listMyCourses": [checks.positive_data_acceptance],
    "putWebhook": [checks.positive_data_acceptance],
    "listWebhookDeliveries": [checks.positive_data_acceptance],
    "listMyStatements": [checks.positive_data_acceptance],
    "listStudentStatements": [checks.positive_data_acceptance],
    "listCourseStudents": [checks.positive_data_acceptance],
    "completeStudentMaterial": [checks.positive_data_acceptance],
}
"""Operation → the checks that do not apply to it."""

DEMO_IDS = {
    "course_id": "demo",
    "video_id": "welcome",
    "material_id": "reading-list",
    "student_id": STUDENT_ID,
    "webhook_id": "certificates",
}


def _prepared(document: dict[str, Any]) -> dict[str, Any]:
    """A copy that Schemathesis can work with.

    No operation requires a token: the callers supply tokens; none is generated or omitted.
    """
    copy = deepcopy(document)
    for item in copy["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    return copy


SCHEMA = schemathesis.openapi.from_dict(_prepared(DOCUMENT))


def requests_of(operation: Operation) -> st.SearchStrategy[Case[Any]]:
    """Valid and invalid requests; half of the valid ones use existing ids."""
    described = SCHEMA[operation.path][operation.method.upper()]
    names = [p["name"] for p in operation.described.get("parameters", ()) if p["in"] == "path"]
    existing = {name: DEMO_IDS[name] for name in names}
    strategies = [
        described.as_strategy(GenerationMode.POSITIVE, path_parameters=existing),
        described.as_strategy(GenerationMode.POSITIVE),
    ]
    if names or operation.described.get("parameters") or operation.wants_body:
        strategies.append(described.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(strategies)


def senders(app: FastAPI) -> Iterator[httpx.AsyncClient]:
    """A student, a teacher and a service for the demo course, and a client without a token."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {
        "student": bearer(a_token(STUDENT_ID, "student")),
        "teacher": bearer(a_token(TEACHER_ID, "teacher")),
        "service": bearer(a_token("importer", "service")),
        "nobody": {},
    }
    for caller in CALLERS:
        yield httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers[caller])


REQUESTS = {str(operation): requests_of(operation) for operation in ALL}


@pytest.mark.parametrize("operation", ALL, ids=str)
@pytest.mark.usefixtures("demo", "webhook")
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # without shrinking, which has no bound
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_generated_requests_get_documented_responses(
    app: FastAPI, operation: Operation, data: st.DataObject
):
    case = data.draw(REQUESTS[str(operation)], label=str(operation))
    excluded = EXCLUDED.get(operation.described["operationId"])
    for client in senders(app):
        response = await response_to(case, client)
        case.validate_response(response, checks=CHECKS, excluded_checks=excluded)


async def response_to(case: Case[Any], client: httpx.AsyncClient) -> httpx.Response:
    """The app's response to the exact bytes that `requests` would send."""
    request = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL))
    prepared: Any = request.prepare()  # text or bytes: httpx takes both, its types do not
    assume(len(str(prepared.url)) <= MAX_ADDRESS_BYTES)
    return await client.request(
        case.method, str(prepared.url), headers=dict(prepared.headers), content=prepared.body
    )
