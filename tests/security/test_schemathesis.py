"""Every operation with generated requests, valid and invalid: the answers are as documented.

Each generated request is sent by every kind of caller. The seed is fixed, so that a run sends what
the last one sent; the number of examples bounds the time.
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
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from progress_service.demo.course import STUDENT_ID, TEACHER_ID
from tests.builders import a_token, bearer
from tests.operations import ALL, DOCUMENT, Operation

BASE_URL = "http://service"
EXAMPLES = 30
MAX_ADDRESS_BYTES = 16_384  # The server refuses longer ones before the app sees them.
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
EXCLUDED = {
    # The answer is 200 and says of each event whether it was rejected.
    "postEvents": [checks.negative_data_rejection],
    # Rules between fields, or about what is stored, which a schema cannot express.
    "updateWatchTime": [checks.positive_data_acceptance],
    "putCourse": [checks.positive_data_acceptance],
    "getChanges": [checks.positive_data_acceptance],
    "listMyCourses": [checks.positive_data_acceptance],
}
"""By operation: the checks that do not hold for it."""

IDS_OF_THE_DEMO = {
    "course_id": "demo",
    "video_id": "welcome",
    "material_id": "reading-list",
    "student_id": STUDENT_ID,
}


def _prepared(document: dict[str, Any]) -> dict[str, Any]:
    """A copy that Schemathesis can work with.

    No operation needs a token: tokens are the callers', none is generated or left out.
    """
    copy = deepcopy(document)
    for item in copy["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    return copy


SCHEMA = schemathesis.openapi.from_dict(_prepared(DOCUMENT))


def requests_of(operation: Operation) -> st.SearchStrategy[Case]:
    """Valid and invalid requests; half of the valid ones name what exists."""
    described = SCHEMA[operation.path][operation.method.upper()]
    names = [p["name"] for p in operation.described.get("parameters", ()) if p["in"] == "path"]
    existing = {name: IDS_OF_THE_DEMO[name] for name in names}
    strategies = [
        described.as_strategy(GenerationMode.POSITIVE, path_parameters=existing),
        described.as_strategy(GenerationMode.POSITIVE),
    ]
    if names or operation.described.get("parameters") or operation.wants_body:
        strategies.append(described.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(strategies)


def senders(app: FastAPI) -> Iterator[httpx.AsyncClient]:
    """A student, a teacher and a service of the demo course, and somebody without a token."""
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
@pytest.mark.usefixtures("demo")
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # without shrinking, which has no bound
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_generated_requests_are_answered_as_documented(
    app: FastAPI, operation: Operation, data: st.DataObject
):
    case = data.draw(REQUESTS[str(operation)], label=str(operation))
    excluded = EXCLUDED.get(operation.described["operationId"])
    for client in senders(app):
        answer = await answer_to(case, client)
        case.validate_response(answer, checks=CHECKS, excluded_checks=excluded)


async def answer_to(case: Case, client: httpx.AsyncClient) -> httpx.Response:
    """What the app answers to the exact bytes that `requests` would send."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    assume(len(str(prepared.url)) <= MAX_ADDRESS_BYTES)
    return await client.request(
        case.method, str(prepared.url), headers=dict(prepared.headers), content=prepared.body
    )
