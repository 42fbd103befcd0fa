"""HTTP route for imports: rows in, a result for each row out."""

from __future__ import annotations

import io
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic_core import to_json

from progress_service.edge.callers import ServiceCaller
from progress_service.edge.error_responses import error_responses
from progress_service.edge.json_body import without_mark
from progress_service.edge.json_lines import NDJSON, LinesResponse, after_first, lines_of
from progress_service.edge.problems import MAX_LARGE_BODY_BYTES
from progress_service.edge.request_body import read_body
from progress_service.edge.services import provided
from progress_service.errors import Invalid, Unavailable
from progress_service.imports.limiter import begin_import
from progress_service.imports.retries import apply_with_retries
from progress_service.imports.rows import APPLIED, UNAVAILABLE, UNCHANGED, ParsedRow
from progress_service.imports.schemas import (
    COMPLETION_EXAMPLE,
    EXAMPLE,
    ImportResult,
    ImportRowBody,
    result_line,
)
from progress_service.imports.service import NOT_TRIED, ROWS_IN_CHUNK, ImportService
from progress_service.imports.tables import SNIFFED_BYTES, format_of, read_rows
from progress_service.pacing import paced, respond_by

router = APIRouter(prefix="/api/progress", tags=["imports"])

Imports = Annotated[ImportService, Depends(provided(ImportService))]

PAUSES_SECONDS = (0.5, 2)  # A failover may take so long.
ROWS_IN_FIRST_CHUNK = 100  # Its results are the first byte of the response.
_CSV_EXAMPLE = (
    "student_id,video_id,watch_time,total_duration,observed_at,completed_at\n"
    "ana,welcome,42.5,90,2026-11-22T10:30:00Z,\n"
    "ana,reading-list,,,,2025-06-01T09:00:00Z\n"
)
_NDJSON_EXAMPLE = "".join(to_json(row).decode() + "\n" for row in (EXAMPLE, COMPLETION_EXAMPLE))
_RESULTS_EXAMPLE = "".join(
    result_line(number, outcome).decode() for number, outcome in enumerate([APPLIED, UNCHANGED], 1)
)


_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "One `ImportRowBody` a line; in CSV, its fields are the columns.",
    "content": {
        NDJSON: lines_of(ImportRowBody, example=_NDJSON_EXAMPLE),
        "text/csv": lines_of(ImportRowBody, example=_CSV_EXAMPLE),
    },
}
LINE_MODELS = (ImportRowBody, ImportResult)
"""The schemas of lines; OpenAPI describes a body as a whole only."""


@router.post(
    "/import",
    status_code=200,
    response_class=LinesResponse,
    responses={
        200: {"content": {NDJSON: lines_of(ImportResult, example=_RESULTS_EXAMPLE)}},
        **error_responses(413),
    },
    max_body_size=MAX_LARGE_BODY_BYTES,
    openapi_extra={"requestBody": _REQUEST_BODY},
    summary="Import progress",
)
async def import_progress(
    request: Request,
    caller: ServiceCaller,
    imports: Imports,
    dry_run: Annotated[bool, Query(description="Only return what the import would do.")] = False,
) -> LinesResponse:
    """Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

    The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
    affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
    position moves back to an older one. If the database fails halfway, the rows that are not known
    to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
    lines than rows was cut off: send the request again.
    """
    await begin_import(request, caller)
    raw = await read_body(request)
    if not without_mark(raw).strip():
        raise Invalid.field("body", "is empty; send one row a line")
    content_type = request.headers.get("Content-Type", "")
    rows = read_rows(io.BytesIO(raw), format_of(content_type, raw[:SNIFFED_BYTES]))
    lines = _result_lines(imports, rows, dry_run=dry_run)
    first = await anext(lines, b"")  # An error before the first row is a problem response.
    return LinesResponse(after_first(first, lines))


async def _result_lines(
    imports: ImportService, rows: Iterator[ParsedRow], *, dry_run: bool
) -> AsyncGenerator[bytes, None]:
    """The result lines of each chunk of rows.

    Raises:
        Unavailable: the outcome of the whole first chunk is unknown.
    """
    number, size = 0, ROWS_IN_FIRST_CHUNK
    pauses: Sequence[float] = ()
    has_failed = False
    async with imports.begin(dry_run=dry_run) as running:
        while chunk := [row async for row in paced(islice(rows, size))]:
            if has_failed:
                outcomes = [NOT_TRIED] * len(chunk)
            else:
                outcomes = await apply_with_retries(running, chunk, pauses_seconds=pauses)
            has_failed = has_failed or any(outcome.is_unknown for outcome in outcomes)
            if number == 0 and all(outcome.is_unknown for outcome in outcomes):
                raise Unavailable(outcomes[0].detail or UNAVAILABLE)
            numbered = enumerate(outcomes, number + 1)
            yield b"".join([result_line(row, outcome) async for row, outcome in paced(numbered)])
            number, size, pauses = number + len(chunk), ROWS_IN_CHUNK, PAUSES_SECONDS
            respond_by.set(math.inf)  # The deadline was for the first byte.
