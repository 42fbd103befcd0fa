"""The ledger of erasures, compared with the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from progress_service.mongo.client import Database
from progress_service.mongo.erasures import ERASURES
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.privacy.ledger import Ledger

from .conftest import Examine, only


@pytest.fixture
async def ledger(tmp_path: Path, database: Database) -> Path:
    """A ledger with one erasure, which the database has too."""
    path = tmp_path / "erasures"
    store = ErasureStore(database)
    [key] = await store.keys()
    erasure = await store.begin("secret-student")
    Ledger(path).append(erasure.student_hash, erasure.erased_at, key=key)
    return path


async def test_ledger_that_is_not_set_is_skipped(found: Examine):
    finding = only(await found("erasure_ledger"))

    assert finding.status == "skipped"
    assert "PROGRESS_ERASURE_LEDGER" in str(finding.remedy)


async def test_database_with_all_erasures_is_ok(found: Examine, ledger: Path):
    assert only(await found("erasure_ledger", erasure_ledger=ledger)).status == "ok"


async def test_restored_backup_without_an_erasure_is_an_error(
    found: Examine, ledger: Path, database: Database
):
    await database[ERASURES].drop()

    finding = only(await found("erasure_ledger", erasure_ledger=ledger))

    assert finding.status == "error"
    assert "erase --replay" in str(finding.remedy)
    assert "secret-student" not in str(finding)


async def test_ledger_is_not_created(found: Examine, tmp_path: Path):
    path = tmp_path / "erasures"

    finding = only(await found("erasure_ledger", erasure_ledger=path))

    assert finding.status == "ok"
    assert not path.exists()


@pytest.mark.parametrize("name", ["missing/erasures", "."])
async def test_ledger_that_cannot_be_written_is_an_error(found: Examine, tmp_path: Path, name: str):
    finding = only(await found("erasure_ledger", erasure_ledger=tmp_path / name))

    assert finding.status == "error"
    assert "cannot be read and written" in finding.finding
