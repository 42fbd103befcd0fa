"""Rules, their unit tests, the runbook and the metrics of the service agree."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from tests.faults.alerts.causes import ALL, SHORT
from tests.faults.alerts.rules import RULES, UNIT_TESTS, Rule, rules, stated_seconds
from tests.faults.alerts.runbook import PARTS, RUNBOOK, sections
from tests.operations import DOCUMENT
from tests.prometheus import run_promtool

SEVERITIES = {"critical", "warning"}
INTERVAL_SECONDS = 15  # The longest between scrapes and evaluations that operators may choose.
METRIC = re.compile(r"\bprogress_[a-z_]+")
SUFFIX = re.compile(r"_(bucket|count|sum)$")
EACH_ALERT = pytest.mark.parametrize("alert", sorted(rules()))


def unit_tests(alert: str) -> list[dict[str, Any]]:
    """The groups of unit tests whose name begins with the alert."""
    groups = YAML(typ="safe").load(UNIT_TESTS)["tests"]
    return [group for group in groups if group["name"].startswith(f"{alert}:")]


def seconds(text: str) -> float:
    """Seconds of a duration like 1m30s."""
    units = {"s": 1, "m": 60, "h": 3_600}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"(\d+)([smh])", text))


def test_rules_are_valid():
    checked = run_promtool("check", "rules", str(RULES))

    assert (checked.returncode, checked.stderr) == (0, "")


def test_unit_tests_pass():
    tested = run_promtool("test", "rules", UNIT_TESTS.name, folder=UNIT_TESTS.parent)

    assert tested.returncode == 0, tested.stdout + tested.stderr


@EACH_ALERT
def test_alert_has_unit_tests_in_which_it_fires_and_clears_and_does_not_fire(alert: str):
    in_order = [
        [bool(check["exp_samples"]) for check in group["promql_expr_test"]]
        for group in unit_tests(alert)
    ]

    assert [False, True, False] in in_order
    assert any(not any(fires) for fires in in_order)


@EACH_ALERT
@pytest.mark.parametrize("expression", ["vector(1)", "vector(0) > 1"])
def test_unit_tests_notice_a_rule_that_always_or_never_fires(
    alert: str, expression: str, tmp_path: Path
):
    changed = {**rules()[alert], "expr": expression}
    group = {"name": "changed", "rules": [changed]}
    (tmp_path / "rules.yaml").write_text(json.dumps({"groups": [group]}))
    tests = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "15s",
        "tests": unit_tests(alert),
    }
    (tmp_path / "tests.yaml").write_text(json.dumps(tests))

    tested = run_promtool("test", "rules", "tests.yaml", folder=tmp_path)

    assert tested.returncode == 1
    assert alert in tested.stdout + tested.stderr


@EACH_ALERT
def test_alert_says_what_learners_notice_and_what_to_do(alert: str):
    rule = rules()[alert]

    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url", "fires_within"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{alert.lower()}"


@EACH_ALERT
def test_stated_time_allows_for_scrape_evaluation_and_waiting(alert: str):
    rule = rules()[alert]
    waiting = seconds(rule.get("for", "0s"))

    assert stated_seconds(rule) >= waiting + 2 * INTERVAL_SECONDS


def test_runbook_has_a_section_for_each_alert():
    assert list(sections()) == list(rules())


@EACH_ALERT
def test_runbook_section_has_all_parts_and_commands(alert: str):
    section = sections()[alert]

    assert tuple(section.parts) == PARTS
    assert section.commands("Confirm")
    assert section.commands("Clear")
    for part in PARTS:
        for commands in section.commands(part):
            parsed = subprocess.run(["bash", "-n"], input=commands, text=True, capture_output=True)
            assert parsed.stderr == ""


def test_runbook_sets_every_variable_that_its_commands_use():
    page = RUNBOOK.read_text()
    setting = page.partition("## Before the first alert")[2].partition("```bash\n")[2]
    given = set(re.findall(r"\b([A-Z_]+)=", setting.partition("```")[0]))

    used = {
        name
        for section in sections().values()
        for part in PARTS
        for commands in section.commands(part)
        for name in re.findall(r"\$\{?([A-Z_]+)", commands)
    }

    assert used <= given


def test_every_alert_has_a_real_fault():
    caused = {alert for rounds in (ALL, SHORT) for one in rounds for f in one for alert in f.alerts}

    assert caused == set(rules())


@pytest.mark.settings(
    jwt_algorithms=("HS256", "RS256"), jwt_jwks_url="http://127.0.0.1:9/unreachable"
)
async def test_rules_use_metrics_and_labels_that_the_service_has(anyone: httpx.AsyncClient):
    text = (await anyone.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    names = {*families, *(f"{name}_total" for name, f in families.items() if f.type == "counter")}

    used = {
        SUFFIX.sub("", name) for rule in rules().values() for name in METRIC.findall(rule["expr"])
    }

    assert used <= names
    assert used


def test_rules_name_routes_that_the_service_has():
    expressions = " ".join(rule["expr"] for rule in rules().values())
    routes = set(re.findall(r'route="([^"]+)"', expressions))

    assert routes
    assert routes <= DOCUMENT["paths"].keys()


def test_rules_select_the_job_in_every_place():
    """Metrics of the same name of another job, such as a test system, must fire nothing."""

    def without_job(rule: Rule) -> list[str]:
        selectors = re.findall(
            r"\b(?:progress_[a-z_]+|up)\{([^}]*(?:\{[^}]*\}[^}]*)*)\}", rule["expr"]
        )
        return [one for one in selectors if 'job="progress-service"' not in one]

    assert [name for name, rule in rules().items() if without_job(rule)] == []
    bare = re.compile(r"\bprogress_[a-z_]+(?!\w*\{)\b(?!\{)")
    assert [name for name, rule in rules().items() if bare.search(rule["expr"])] == []
