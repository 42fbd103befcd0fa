"""Render the Helm chart."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import check_deploy
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "progress-service"
EXAMPLES = sorted((CHART / "ci").glob("*-values.yaml"))

Object = dict[str, Any]


def render(*values: str, file: Path | None = None, chart: Path = CHART) -> list[Object]:
    """The objects that Helm renders, with values as ``name=value`` and in a file."""
    result = attempt(*values, file=file, chart=chart)
    assert result.returncode == 0, result.stderr
    return [each for each in yaml.safe_load_all(result.stdout) if each]


def attempt(
    *values: str, file: Path | None = None, chart: Path = CHART
) -> subprocess.CompletedProcess[str]:
    """What Helm prints, whether or not it renders the chart."""
    options = [option for value in values for option in ("--set", value)]
    if file is not None:
        options += ["--values", str(file)]
    return check_deploy.helm("template", "demo", str(chart), *options)


def error(*values: str, file: Path | None = None) -> str:
    """Why Helm does not render the chart."""
    result = attempt(*values, file=file)
    assert result.returncode != 0
    return re.sub(r"^level=.*\n", "", result.stderr, flags=re.MULTILINE)


def only(objects: list[Object], kind: str, *, suffix: str = "") -> Object:
    """The one object of a kind, whose name ends with *suffix*."""
    [found] = [
        each
        for each in objects
        if each["kind"] == kind and each["metadata"]["name"].endswith(suffix)
    ]
    return found
