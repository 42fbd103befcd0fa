"""The faults: how each is caused, which alerts it must fire, and which section clears it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from progress_service.testing import ServiceProcess

from . import traffic
from .database import SERVICE, SIDE
from .environment import Environment
from .side_service import CLOCK, LEAK

CLOCK_OFFSET_SECONDS = 30
DELAY_SECONDS = 3
FREE_SHARE = 0.03  # Of the disk.


@dataclass(frozen=True)
class Fault:
    """One fault. *at_side*: of the second instance, else of the service."""

    text: str
    cause: Callable[[Environment], Awaitable[None]]
    alerts: tuple[str, ...]
    at_side: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def cleared_by(self) -> str:
        """The section whose commands an operator runs: that of the first alert."""
        return self.alerts[0]


async def kill_both(running: Environment) -> None:
    """SIGKILL to every process of both instances."""
    for service in (running.service, running.side):
        _kill_all(service)


async def kill_side(running: Environment) -> None:
    _kill_all(running.side)


async def kill_receiver(running: Environment) -> None:
    """Kill it, then let learners complete a video, so that deliveries fail."""
    running.receiver.kill()
    await traffic.complete(running.service, range(10))


async def freeze_majority(running: Environment) -> None:
    await asyncio.to_thread(running.database.freeze_majority)


async def forbid_change_streams(running: Environment) -> None:
    """A role that somebody made, and that lacks a privilege."""
    await asyncio.to_thread(running.database.restrict, SERVICE, without="changeStream")


async def erase_without_privilege(running: Environment) -> None:
    """Erase a student while the user of the service may remove nothing."""
    await traffic.complete_at_side(running, "leaver")
    await asyncio.to_thread(running.database.restrict, SIDE, without="remove")
    with running.side.client("records", "service") as http:
        http.delete("/api/progress/students/leaver").raise_for_status()


async def fill_disk(running: Environment) -> None:
    """Rotated logs take all but a few percent of it."""
    disk = os.statvfs(running.disk)
    kept = int(disk.f_blocks * disk.f_frsize * FREE_SHARE)
    size = disk.f_bavail * disk.f_frsize - kept
    with (running.disk / "node-0/mongod.log.2026-11-01T00-00-00").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


async def stop_identity_provider(running: Environment) -> None:
    await running.identity_provider.stop()


async def shift_clock(running: Environment) -> None:
    """The second instance is ahead from now on."""
    (running.side.folder / CLOCK).write_text(str(CLOCK_OFFSET_SECONDS))


async def leak(running: Environment) -> None:
    """Let the second instance take much memory and keep it."""
    (running.side.folder / LEAK).touch()


async def rename_courses(running: Environment) -> None:
    """What a program does that restores the courses again and again."""
    await asyncio.to_thread(running.database.rename_back_and_forth, SIDE, "courses", times=6)


async def reject_for_good(running: Environment) -> None:
    """A receiver that responds 410 Gone to the next delivery."""
    await traffic.deliver_to_one_that_is_gone(running)


async def hold_lease(running: Environment) -> None:
    """A lease that lasts for hours; then a completion that nobody delivers."""
    await asyncio.to_thread(running.database.hold_lease, hours=5)
    await traffic.complete(running.service, range(20, 22))


async def delay_secondaries(running: Environment) -> None:
    await asyncio.to_thread(running.database.delay_secondaries, DELAY_SECONDS)


def _kill_all(service: ServiceProcess) -> None:
    """Kill the process and its workers, which would continue without it."""
    process = service.process
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    process.wait()


SERVICE_DOWN = Fault("all processes of both instances killed", kill_both, ("ProgressServiceDown",))
INSTANCE_DOWN = Fault(
    "all processes of one instance killed", kill_side, ("ProgressInstanceDown",), at_side=True
)
RECEIVER_DOWN = Fault(
    "webhook receiver killed, ten completions",
    kill_receiver,
    ("ProgressReceiverDown",),
    variables={"WEBHOOK": traffic.WEBHOOK},
)
MAJORITY_FROZEN = Fault(
    "primary and one secondary frozen (SIGSTOP), so that none can be elected",
    freeze_majority,
    ("ProgressDatabaseNotWritable", "ProgressErrorRatioHigh", "ProgressBatchesRejected"),
)
CHANGE_STREAM = Fault(
    "privilege for change streams revoked, sessions killed",
    forbid_change_streams,
    ("ProgressChangeStreamStopped",),
)
DISK_FULL = Fault(
    "disk of the database filled to 97 % (2 GB file system)",
    fill_disk,
    ("ProgressDatabaseDiskAlmostFull", "ProgressDatabaseDiskLow"),
)
KEY_SET = Fault("identity provider stopped", stop_identity_provider, ("ProgressKeySetUnreachable",))
CLOCK_AHEAD = Fault(
    f"clock of one instance {CLOCK_OFFSET_SECONDS} s ahead",
    shift_clock,
    ("ProgressClockOff",),
    at_side=True,
)
MEMORY = Fault("a worker keeps 700 MB", leak, ("ProgressMemoryHigh",), at_side=True)
OUTBOX_STUCK = Fault("lease of the outbox lasts for hours", hold_lease, ("ProgressOutboxStuck",))
SLOW_DATABASE = Fault(
    f"both secondaries {DELAY_SECONDS} s behind", delay_secondaries, ("ProgressUpdatesSlow",)
)

ERASURE = Fault(
    "privilege to remove documents revoked, then an erasure",
    erase_without_privilege,
    ("ProgressErasurePending",),
    at_side=True,
    variables={"DATABASE_USER": SIDE, "DATABASE_NAME": SIDE},
)
RESYNCS = Fault(
    "the collection of courses renamed six times",
    rename_courses,
    ("ProgressResyncsFrequent",),
    at_side=True,
)
GONE = Fault(
    "receiver responds 410 Gone",
    reject_for_good,
    ("ProgressDeliveriesFailed",),
    variables={"WEBHOOK": traffic.GONE, "SINCE": "2026-01-01T00:00:00Z"},
)

SHORT = ((RECEIVER_DOWN, INSTANCE_DOWN), (SERVICE_DOWN,))
"""Rounds of faults that do not disturb each other."""
ALL = (
    (KEY_SET, CLOCK_AHEAD, DISK_FULL, CHANGE_STREAM, RECEIVER_DOWN, RESYNCS, GONE, ERASURE),
    (MEMORY, OUTBOX_STUCK),
    (SLOW_DATABASE, INSTANCE_DOWN),
    (MAJORITY_FROZEN,),
    (SERVICE_DOWN,),
)
