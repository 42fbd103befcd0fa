"""Merged spans, by golden cases that the TypeScript tests read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from progress_service.domain.intervals import merge_spans

CASES = json.loads(
    (Path(__file__).parents[2] / "golden" / "intervals.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_merged_spans_match_the_golden_case(case: dict[str, Any]):
    merged = merge_spans(
        (tuple(span) for span in case["spans"]), join_gap_seconds=case["join_gap_seconds"]
    )

    assert [list(span) for span in merged] == case["merged"]
