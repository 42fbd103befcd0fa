"""Operators find the parameters of mongod that the tests of frozen primaries measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.replica_set import RECOMMENDED_PARAMETERS

ROOT = Path(__file__).parents[3]
COMPOSE = next(
    path for path in (ROOT / "deploy/compose.yaml", ROOT / "compose.yaml") if path.exists()
)


@pytest.mark.parametrize(("name", "value"), RECOMMENDED_PARAMETERS.items())
def test_parameter_is_documented_and_set_by_the_compose_file(name: str, value: int):
    page = (ROOT / "docs/operations.md").read_text()
    [row] = [line for line in page.splitlines() if f"| `{name}` |" in line]

    assert row.split(" | ")[3] == str(value)
    assert f"--setParameter={name}={value}\n" in COMPOSE.read_text()
