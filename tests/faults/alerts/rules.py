"""The alerting rules of `deploy/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RULES = Path(__file__).parents[3] / "deploy/alerts.yaml"
UNIT_TESTS = RULES.with_name("alerts.test.yaml")
Rule = dict[str, Any]


def rules() -> dict[str, Rule]:
    """By the name of the alert."""
    [group] = YAML(typ="safe").load(RULES)["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def stated_seconds(rule: Rule) -> float:
    """Within how many seconds after its fault it fires."""
    text: str = rule["annotations"]["fires_within"]
    return float(text[:-1]) * {"s": 1, "m": 60}[text[-1]]
