"""The folder of the private mongod: readable by its owner only, used by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from progress_service.errors import StartupError

OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600


def make_private(folder: Path) -> None:
    """Make *folder*, readable by its owner only; an existing one stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)


def private_log(folder: Path) -> BinaryIO:
    """The log of the mongod in *folder*, to append to."""
    descriptor = os.open(
        folder / "mongod.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY_FILE
    )
    return os.fdopen(descriptor, "ab")


def _tighten(folder: Path) -> None:
    """Remove permissions that an earlier version, or another umask, gave to others."""
    folder.chmod(OWNER_ONLY_FOLDER)
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            path.chmod(OWNER_ONLY_FILE)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the data; the kernel releases the lock however this process ends.

    Raises:
        StartupError: another process uses it.
    """
    path = folder / "in-use.lock"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE)
    with os.fdopen(descriptor, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartupError(
                f"Another progress-service already runs on the data in {folder.parent}; "
                "use it, stop it, or set PROGRESS_DATA_DIR to another folder."
            ) from error
        yield


def mongod_folder(data_dir: Path) -> Path:
    """The private folder of the mongod in *data_dir*.

    Raises:
        StartupError: it cannot be made, or written.
    """
    folder = data_dir / "mongod"
    try:
        make_private(data_dir)
        make_private(folder)
    except OSError as error:
        raise StartupError(
            f"The data folder {data_dir} cannot be made ({error.strerror}); "
            "set PROGRESS_DATA_DIR to a folder you may write."
        ) from error
    if not os.access(folder, os.W_OK):
        raise StartupError(
            f"The folder {folder} is not writable; set PROGRESS_DATA_DIR to one that is."
        )
    _tighten(folder)
    return folder
