"""The hostile client. It runs in its own process, so that it shares no interpreter with others.

``python -m benchmarks.hostile.attacker ATTACK PORT SECONDS LINGER_SECONDS TOKENS_FILE`` prints a
line when it is ready, waits for a line on stdin, attacks, and prints its tally as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import uvloop

from benchmarks.hostile import idle_attacks, read_attacks, report_attacks, stream_attacks
from benchmarks.hostile.attack import TIMEOUT_SECONDS, Attack, Target
from benchmarks.hostile.read_attacks import calls_over_heavy_records
from benchmarks.processes import OPEN_FILES

ATTACKS: dict[str, Attack] = {
    "heavy_reports": report_attacks.heavy_reports,
    "endless_reports": report_attacks.endless_reports,
    "many_events": report_attacks.many_events,
    "large_events": report_attacks.large_events,
    "course": calls_over_heavy_records("course"),
    "changes": calls_over_heavy_records("changes"),
    "resume": calls_over_heavy_records("resume"),
    "continue_watching": calls_over_heavy_records("continue-watching"),
    "batch": calls_over_heavy_records("batch"),
    "mark": calls_over_heavy_records("mark"),
    "small_batches": report_attacks.small_batches,
    "frames_after_auth": stream_attacks.frames_after_auth,
    "invalid_reports": report_attacks.invalid_reports,
    "unknown_keys": report_attacks.unknown_keys,
    "burst": read_attacks.burst,
    "pipeline": stream_attacks.pipeline,
    "header_lines": stream_attacks.header_lines,
    "long_address": stream_attacks.long_address,
    "pings_before_auth": stream_attacks.pings_before_auth,
    "idle_connections": idle_attacks.idle_connections,
}
MARGIN_SECONDS = 5.0


def max_duration_seconds(seconds: float, linger_seconds: float) -> float:
    """The longest that an attack may take."""
    return seconds + linger_seconds + TIMEOUT_SECONDS + MARGIN_SECONDS


async def main() -> None:
    """Prepare the attack, wait for the signal to start, attack, and print the tally."""
    name, port, seconds, linger_seconds, tokens_file = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    tokens = json.loads(Path(tokens_file).read_text())
    target = Target(int(port), tokens, float(seconds), float(linger_seconds))
    run = ATTACKS[name](target)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    before = time.process_time()
    try:
        async with asyncio.timeout(max_duration_seconds(target.seconds, target.linger_seconds)):
            await run()
    except TimeoutError:
        target.tally.outcomes["cut off"] += 1
    target.tally.cpu_seconds = time.process_time() - before
    print(target.tally.to_json(), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
