"""`doctor`: examines settings, keys, database and outbox, and says what to do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from progress_service.clock import Clock
from progress_service.doctor.examination import examine
from progress_service.doctor.findings import as_line, exit_code
from progress_service.doctor.installation import Installation
from progress_service.observability.logging import silenced

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print a list of {check, status, finding, remedy}.")
]


def doctor(as_json: JsonOption = False) -> None:
    """Examine the settings here and the database they name; print findings and what to do.

    One line each: status, check, finding, remedy. Exits with 0 if all is well, 1 with warnings, 2
    with errors. It changes nothing, but measures the time of some writes to a collection of its
    own, which it drops again.
    """
    with silenced():
        findings = asyncio.run(examine(Installation.here(Clock())))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(as_line(finding))
    raise typer.Exit(exit_code(findings))
