"""`erasure_ledger`: whether the ledger can be written, and the database has all of its erasures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from progress_service.doctor.findings import Finding, error, ok, skipped
from progress_service.doctor.installation import Installation
from progress_service.erasing import require_erasures
from progress_service.errors import StartupError
from progress_service.mongo.client import Database

CHECK = "erasure_ledger"


async def check(database: Database, installation: Installation) -> Sequence[Finding]:
    """Look at the file, which is not created here, and compare it with the database.

    Raises:
        Unavailable: the database does not respond.
    """
    path = installation.settings.erasure_ledger
    if path is None:
        return [
            skipped(
                CHECK,
                "no ledger: after the restore of a backup, nothing repeats the erasures since",
                "set PROGRESS_ERASURE_LEDGER to a file outside the database and its backups.",
            )
        ]
    if not _is_usable(path):
        return [
            error(
                CHECK,
                f"PROGRESS_ERASURE_LEDGER: {path} cannot be read and written by this user",
                "name a file in a folder that the user of the service may write to.",
            )
        ]
    if not path.exists():
        return [ok(CHECK, f"{path} does not exist yet, and can be created")]
    try:
        await require_erasures(installation.settings, database)
    except StartupError:
        return [
            error(
                CHECK,
                "the database lacks erasures of the ledger, as after the restore of a backup; the "
                "service does not start",
                "run `progress-service erase --replay`.",
            )
        ]
    return [ok(CHECK, f"the database has all erasures of {path}")]


def _is_usable(path: Path) -> bool:
    if path.exists():
        return path.is_file() and os.access(path, os.R_OK | os.W_OK)
    return path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)
