"""Tries rows again whose outcome is unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from progress_service.imports.rows import Outcome, ParsedRow
from progress_service.imports.service import Import


async def apply_with_retries(
    running: Import, chunk: Sequence[ParsedRow], *, pauses_seconds: Sequence[float]
) -> list[Outcome]:
    """The outcomes of *chunk*, after a further try of the unknown ones behind each pause."""
    outcomes = await running.apply(chunk)
    for pause_seconds in pauses_seconds:
        unknown = [index for index, outcome in enumerate(outcomes) if outcome.is_unknown]
        if not unknown:
            break
        await asyncio.sleep(pause_seconds)
        again = await running.apply([chunk[index] for index in unknown])
        for index, outcome in zip(unknown, again, strict=True):
            outcomes[index] = outcome
    return outcomes
