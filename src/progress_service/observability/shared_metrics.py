"""Metrics of several workers as one: a scrape reads any of them, and gets the numbers of all.

Each worker writes its values to files that are mapped into memory (the multiprocess mode of
prometheus_client). A worker that ends leaves its files; their counters are added to those of
earlier ones, so that no counter falls and the number of files stays small.

The folder is named by ``PROMETHEUS_MULTIPROC_DIR``, which the parent process sets for its workers.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "progress-service-metrics-"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is private
MIN_FREE_BYTES = 16 << 20  # Of files in memory; a full file system would end every worker.
ENDED = "ended"
"""Takes the place of the process id in the names of files with the counters of ended workers."""
LOCK, OWNER = "lock", "owner"
LOCK_SECONDS = 1.0
POLL_SECONDS = 0.005
READ_TRIES = 3


def folder() -> Path | None:
    """The folder with the values of all workers; ``None`` in a process that shares none."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else None


@contextmanager
def created_folder() -> Iterator[Path]:
    """A folder that workers started from now on share; removed at the end."""
    place = _place()
    _remove_abandoned(place)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place, ignore_cleanup_errors=True) as name:
        path = Path(name)
        with (path / OWNER).open("wb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)  # until this process ends, however it does
            (path / LOCK).touch()
            os.environ[VARIABLE] = name
            try:
                yield path
            finally:
                os.environ.pop(VARIABLE, None)


def add_to_ended(path: Path, process_id: int) -> None:
    """Add the counters of a process that has ended to those of earlier ones; drop its gauges."""
    with _locked(path, fcntl.LOCK_EX):
        for file in path.glob(f"*_{process_id}.db"):
            kind = file.name.split("_")[0]
            if kind != "gauge":
                _add(file, path / f"{kind}_{ENDED}.db")
            file.unlink()


def exposition() -> bytes:
    """The metrics of all workers, in the text format of Prometheus."""
    path = folder()
    assert path is not None  # noqa: S101 - else the process shares nothing
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(path))
    with _locked(path, fcntl.LOCK_SH):
        for _ in range(READ_TRIES - 1):
            try:
                return generate_latest(registry)
            except (FileNotFoundError, struct.error):  # a worker has just created, or left, a file
                time.sleep(POLL_SECONDS)
        return generate_latest(registry)


def _add(values: Path, total: Path) -> None:
    sums = MmapedDict(str(total))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(values)):
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    except struct.error:  # the worker ended before it had written anything
        pass
    finally:
        sums.close()


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[None]:
    """Hold the lock of the folder, so that no reader sees counters twice, or not at all.

    A process that was frozen while it held the lock must not stop the others: after a second they
    go on without it.
    """
    with (path / LOCK).open("rb") as lock:
        ends_at = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, mode | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends_at:
                    break
                time.sleep(POLL_SECONDS)
        yield


def _place() -> Path:
    try:
        if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > MIN_FREE_BYTES:
            return IN_MEMORY
    except OSError:
        pass
    return Path(tempfile.gettempdir())


def _remove_abandoned(place: Path) -> None:
    """Remove the folders of parents that were killed, and of no other."""
    for path in place.glob(f"{PREFIX}*"):
        try:
            with (path / OWNER).open("rb") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except OSError:  # in use, or of another user
            continue
