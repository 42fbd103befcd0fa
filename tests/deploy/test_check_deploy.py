"""`make check` sees what is wrong in deploy/."""

from __future__ import annotations

import shutil
from pathlib import Path

import check_deploy
import pytest

from tests.deploy.charts import DEPLOY

TEMPLATES = "helm/progress-service/templates"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of deploy/ with one file of values, which renders everything."""
    folder = tmp_path / "deploy"
    shutil.copytree(DEPLOY, folder, symlinks=True, ignore=shutil.ignore_patterns("tools"))
    for values in (folder / "helm/progress-service/ci").iterdir():
        if not values.name.startswith("everything"):
            values.unlink()
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_copy_has_no_complaints(copied: Path):
    assert not [*check_deploy.chart(copied / "helm/progress-service")]
    assert not [*check_deploy.unknown_settings(copied)]


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("deployment", "containerPort: 8000", "containerPort: http", "containerPort"),
        ("deployment", "readinessProbe:", "readynessProbe:", "readynessProbe"),
        ("deployment", "{{- end }}", "", "parse error"),
        ("prepare-db", "restartPolicy: Never", "restartPolicy: 1", "restartPolicy"),
        ("autoscaler", "autoscaling/v2", "autoscaling/v2beta2", "HorizontalPodAutoscaler"),
        ("ingress", "pathType: Prefix", "", "pathType"),
        ("configmap", "PROGRESS_PORT:", "PROGRESS_PROT:", "PROGRESS_PROT is no setting"),
        ("prepare-db", "envFrom:", "envFroms:", "envFroms"),
        ("monitoring", "{{ .Values.serviceMonitor.interval }}", "often", "interval"),
    ],
)
def test_broken_template_is_found(copied: Path, file: str, old: str, new: str, complaint: str):
    change(copied / TEMPLATES / f"{file}.yaml", old, new)

    complaints = [*check_deploy.chart(copied / "helm/progress-service")]

    assert any(complaint in each for each in complaints), complaints


def test_unknown_setting_is_found_in_any_file(copied: Path):
    example = copied / "systemd" / "environment.example"
    example.write_text(example.read_text() + "PROGRESS_WORKER=2\n")

    complaints = [*check_deploy.unknown_settings(copied)]

    assert complaints == ["systemd/environment.example: PROGRESS_WORKER is no setting"]


def test_invalid_compose_file_is_found(copied: Path):
    change(copied / "compose.yaml", "read_only: true", "readonly: true")

    [complaint] = check_deploy.linted(
        "check-jsonschema",
        "--builtin-schema",
        check_deploy.COMPOSE_SCHEMA,
        str(copied / "compose.yaml"),
    )

    assert "readonly" in complaint


def test_bad_dockerfile_is_found(tmp_path: Path):
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM debian\nRUN cd /tmp\n")

    [complaint] = check_deploy.linted("hadolint", str(dockerfile))

    assert "DL3006" in complaint
