"""Ctrl-C while the service starts."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from progress_service import interrupts
from progress_service.testing import wait_until
from tests.processes import mongods_of, run, started

WAIT_SECONDS = 60
RUN = "sys.argv = ['progress-service', 'dev', '--port', '0']; main()"
PRESSED_AT_AN_IMPORT = f"""
import signal, sys
from progress_service.cli.entry_point import main

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "fastapi":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder)
{RUN}
"""
PRESSED_AT_A_FORK = f"""
import os, signal, sys
from progress_service.cli.entry_point import main

os.register_at_fork(after_in_parent=lambda: signal.raise_signal(signal.SIGINT))
{RUN}
"""


@pytest.mark.parametrize("delay_seconds", [0.1, 0.7, 1.2, 1.6])
def test_signal_during_the_start_leaves_no_mongod(tmp_path: Path, delay_seconds: float):
    with started(tmp_path, "dev", "--port", "0") as process:
        try:
            process.wait(delay_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        process.wait(WAIT_SECONDS)

    wait_until(lambda: mongods_of(tmp_path) == [], within_seconds=WAIT_SECONDS)


def test_signal_during_an_import_ends_the_process_without_a_word(tmp_path: Path):
    result = run(tmp_path, "-c", PRESSED_AT_AN_IMPORT, program=sys.executable)

    assert (result.returncode, result.stdout, result.stderr) == (-signal.SIGINT, "", "")


def test_signal_at_the_start_of_mongod_is_not_dropped(tmp_path: Path):
    """Python drops a KeyboardInterrupt that it raises in a hook of `os.fork`."""
    result = run(tmp_path, "-c", PRESSED_AT_A_FORK, program=sys.executable)

    assert result.returncode == 130
    assert "/docs" not in result.stdout  # it did not begin to serve
    assert "Traceback" not in result.stderr
    wait_until(lambda: mongods_of(tmp_path) == [], within_seconds=WAIT_SECONDS)


def test_noted_interrupt_is_raised_on_demand():
    with suppress(KeyboardInterrupt), interrupts.noted() as raise_noted:
        raise_noted()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            raise_noted()


def test_noted_interrupt_is_raised_at_the_end():
    with pytest.raises(KeyboardInterrupt), interrupts.noted():
        signal.raise_signal(signal.SIGINT)


def test_ignored_interrupt_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts.noted() as raise_noted, interrupts.ending_at_once():
            signal.raise_signal(signal.SIGINT)
            raise_noted()
    finally:
        signal.signal(signal.SIGINT, before)
