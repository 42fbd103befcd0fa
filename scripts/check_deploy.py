"""Check deploy/ and the Dockerfile: with linters, schemas, and the settings that exist.

The chart is rendered with every file in its folder ci/, and each object is validated against the
schemas of the oldest and the newest Kubernetes that the validator knows and the chart permits.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from progress_service.settings import OTHER_VARIABLES, PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "progress-service"
LINTERS = ROOT / ".venv-deploy" / "bin"
TOOLS = DEPLOY / "tools"
HELM = TOOLS / "bin" / "helm" / "helm"
KUBERNETES_VERSIONS = ("1.27", "1.37")
OPERATOR = "monitoring.coreos.com/"
COMPOSE_SCHEMA = "vendor.compose-spec"
NAME = re.compile(rf"\b{PREFIX}[A-Z_]*[A-Z]\b")


def main() -> int:
    """Print every complaint; the exit code says if there is one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--deploy", type=Path, default=DEPLOY, help="the folder to check")
    folder: Path = arguments.parse_args().deploy
    complaints = [
        *linted("hadolint", str(ROOT / "Dockerfile")),
        *linted(
            "check-jsonschema", "--builtin-schema", COMPOSE_SCHEMA, str(folder / "compose.yaml")
        ),
        *chart(folder / "helm" / "progress-service"),
        *unknown_settings(folder),
    ]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm. It uses no cluster, and none of the user's configuration."""
    program = str(HELM) if HELM.exists() else shutil.which("helm")
    if program is None:
        raise SystemExit("Helm is missing; run `make deploy-tools`.")
    environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir()}
    return _run([program, *arguments], env=environment)


def linted(program: str, *arguments: str) -> Iterator[str]:
    """What a linter prints, if it finds anything."""
    result = _run([str(LINTERS / program), *arguments])
    if result.returncode != 0:
        yield f"{program}: {result.stdout}{result.stderr}".rstrip()


def chart(folder: Path) -> Iterator[str]:
    """What is wrong with the chart, for each file of values in ci/."""
    for values in sorted((folder / "ci").glob("*-values.yaml")):
        lint = helm("lint", "--strict", str(folder), "--values", str(values))
        rendered = helm("template", "demo", str(folder), "--values", str(values))
        for result in (lint, rendered):
            if result.returncode != 0:
                yield f"{values.name}: {_errors(result)}"
        if rendered.returncode == 0:
            for complaint in invalid_objects(rendered.stdout):
                yield f"{values.name}: {complaint}"


def invalid_objects(rendered: str) -> Iterator[str]:
    """What the schemas of Kubernetes and of the Prometheus operator say about rendered objects."""
    objects = [each for each in yaml.safe_load_all(rendered) if each]
    operator = [each for each in objects if each["apiVersion"].startswith(OPERATOR)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump_all([each for each in objects if each not in operator], file)
        file.flush()
        for version in KUBERNETES_VERSIONS:
            options = ["-k", version, "--strict", "--quiet"]
            result = _run([str(LINTERS / "kubernetes-validate"), *options, file.name])
            # It only warns about a kind that the version does not have.
            if result.returncode != 0 or result.stdout.strip() or result.stderr.strip():
                yield f"Kubernetes {version}: {result.stdout}{result.stderr}".rstrip()
    if operator:
        script = [_node(), str(TOOLS / "validate-operator-objects.js")]
        result = _run(script, given=json.dumps(operator))
        if result.returncode != 0:
            yield f"Prometheus operator: {_errors(result)}"
    for name in sorted(set(_variables(objects)) - _known()):
        yield f"{name} is no setting"


def unknown_settings(folder: Path) -> Iterator[str]:
    """One sentence for each `PROGRESS_…` in a file of *folder* that is no setting."""
    for path in sorted(folder.rglob("*")):
        if TOOLS.name in path.relative_to(folder).parts or not path.is_file():
            continue
        for name in sorted(set(NAME.findall(path.read_text())) - _known()):
            yield f"{path.relative_to(folder)}: {name} is no setting"


def _known() -> set[str]:
    return {PREFIX + name.upper() for name in Settings.model_fields} | OTHER_VARIABLES


def _variables(objects: list[dict[str, Any]]) -> Iterator[str]:
    """The environment variables that rendered objects set."""
    for each in objects:
        if each["kind"] == "ConfigMap":
            yield from (name for name in each["data"] if name.startswith(PREFIX))
        pod = each.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", []):
            for variable in container.get("env", []):
                if variable["name"].startswith(PREFIX):
                    yield variable["name"]


def _errors(result: subprocess.CompletedProcess[str]) -> str:
    lines = [*result.stdout.splitlines(), *result.stderr.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("level=INFO"))


def _node() -> str:
    return shutil.which("node") or "node"


def _run(
    command: list[str], *, given: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=given, env=env, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is missing; run `make deploy-tools`.") from None


if __name__ == "__main__":
    sys.exit(main())
