"""Released memory is overwritten, that of Python on demand and that of glibc at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
import uvloop

from progress_service import glibc_memory
from tests.process_memory import copies_in_memory

SECRET = "zoe-" + "quintessence"
# Joined while it runs, so that the program itself does not contain it.
PROGRAM = """
import random, sys
from progress_service import glibc_memory, released_memory

glibc_memory.overwrite_when_released()
name = "-".join(["zoe", "quintessence"])
small = [(name + str(number)) * random.Random(number).randint(1, 12) for number in range(20_000)]
large = [bytes((name + str(number)) * 100, "utf-8") for number in range(2_000)]
kept = small[::7], large[::7]
kept_copies = sum(text.count(name) for text in kept[0])
kept_copies += sum(data.count(name.encode()) for data in kept[1])
print("held", flush=True)
input()
del name, small, large
print("released", flush=True)
input()
released_memory.overwrite_objects()
print(kept_copies, flush=True)
input()
"""
RECEIVER = """
import asyncio, importlib, sys, time
from progress_service import glibc_memory, released_memory

class Reader(asyncio.Protocol):
    def __init__(self):
        self.ended = asyncio.Event()
    def connection_lost(self, _):
        self.ended.set()

async def receive():
    reader = Reader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: reader, sys.stdin)
    await reader.ended.wait()
    await released_memory.overwrite_released()
    print("received", flush=True)
    time.sleep(60)

glibc_memory.overwrite_when_released()
asyncio.set_event_loop_policy(importlib.import_module("{module}").{name}())
asyncio.run(receive())
"""


def environment(**given: str) -> Mapping[str, str]:
    others = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    return {**others, **given}


def copies_after_each_line(**given: str) -> list[tuple[str, int]]:
    """What the program prints, and how often the secret is in its memory then."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**given),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        found = []
        for _ in range(3):
            line = process.stdout.readline().strip()
            found.append((line, copies_in_memory(process.pid, SECRET)))
            process.stdin.write("\n")
            process.stdin.flush()
    assert process.returncode == 0
    return found


def test_nothing_that_was_released_is_left():
    held, released, overwritten = copies_after_each_line()

    kept = int(overwritten[0])
    assert held[1] > released[1] > kept > 10_000
    assert overwritten[1] == kept


def test_large_objects_stay_in_memory_without_the_setting():
    """Otherwise the test above would show nothing about glibc."""
    *_, (kept, copies) = copies_after_each_line(GLIBC_TUNABLES="glibc.malloc.perturb=0")

    assert copies > int(kept) + 10_000


@pytest.mark.parametrize("policy", [asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy])
def test_receive_buffer_is_overwritten(policy: type[asyncio.AbstractEventLoopPolicy]):
    """The program receives the secret, which then nothing refers to."""
    with subprocess.Popen(
        [sys.executable, "-c", RECEIVER.format(module=policy.__module__, name=policy.__name__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(SECRET)
        process.stdin.close()
        line = process.stdout.readline()
        copies = copies_in_memory(process.pid, SECRET)
        process.kill()

    assert (line, copies) == ("received\n", 0)


def test_settings_of_the_library_are_kept():
    program = (
        "import os\n"
        "from progress_service.glibc_memory import overwrite_when_released\n"
        "overwrite_when_released()\n"
        "print(os.getpid(), os.environ['GLIBC_TUNABLES'])"
    )
    given = "glibc.malloc.arena_max=4"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(GLIBC_TUNABLES=given),
    ) as process:
        output, _ = process.communicate()

    assert output == f"{process.pid} {given}:{glibc_memory.TUNABLES}\n"


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    monkeypatch.setattr(os, "confstr", lambda _: None)
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("was restarted"))

    glibc_memory.overwrite_when_released()

    assert "GLIBC_TUNABLES" not in os.environ
