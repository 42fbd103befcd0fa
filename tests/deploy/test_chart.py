"""What the Helm chart renders, and which values it refuses."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import chart_schema
import pytest
import yaml

from progress_service.settings import Settings
from tests.deploy.charts import (
    CHART,
    DEPLOY,
    EXAMPLES,
    ROOT,
    Object,
    attempt,
    error,
    only,
    render,
)

SECRET = "existingSecret=progress-secrets"
EVERYTHING = CHART / "ci" / "everything-values.yaml"
STOP_SECONDS = 15
"""The time to stop, by docs/operations.md."""


@pytest.fixture(scope="module")
def minimal() -> list[Object]:
    return render(SECRET)


@pytest.fixture(scope="module")
def everything() -> list[Object]:
    return render(file=EVERYTHING)


def pod_of(objects: list[Object], kind: str = "Deployment") -> dict[str, Any]:
    pod: dict[str, Any] = only(objects, kind)["spec"]["template"]["spec"]
    return pod


def container_of(objects: list[Object], kind: str = "Deployment") -> dict[str, Any]:
    [container] = pod_of(objects, kind)["containers"]
    return dict(container)


def settings_of(objects: list[Object]) -> dict[str, str]:
    """The variables of the serving pods that are no secrets."""
    name = container_of(objects)["envFrom"][0]["configMapRef"]["name"]
    [found] = [
        each["data"]
        for each in objects
        if each["kind"] == "ConfigMap" and each["metadata"]["name"] == name
    ]
    return dict(found)


def test_minimal_values_render_these_objects(minimal: list[Object]):
    assert sorted(each["kind"] for each in minimal) == [
        "ConfigMap",
        "Deployment",
        "Job",
        "Pod",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]


def test_everything_renders_every_template(everything: list[Object]):
    kinds = {each["kind"] for each in everything}

    templates = {
        kind
        for path in (CHART / "templates").glob("*.yaml")
        for kind in re.findall(r"^kind: (\w+)", path.read_text(), re.MULTILINE)
    }
    assert kinds >= templates


def test_secret_is_required_and_named_in_the_error():
    for values in ((), ("existingSecret=",)):
        assert "existingSecret is required" in error(*values)


def test_chart_contains_no_secret(everything: list[Object]):
    assert "Secret" not in {each["kind"] for each in everything}
    [secret] = [
        source["secretRef"]["name"]
        for source in container_of(everything)["envFrom"]
        if "secretRef" in source
    ]
    assert secret == "progress-secrets"
    secrets = {
        f"PROGRESS_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if chart_schema.is_secret(field)
    }
    assert {"PROGRESS_MONGODB_URI", "PROGRESS_JWT_SECRET"} <= secrets
    assert not secrets & settings_of(everything).keys()


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("replicas=3", "replicas"),
        ("image.name=x", "name"),
        ("settings.PROGRESS_JWT_SECRET=x", "PROGRESS_JWT_SECRET"),
        ("settings.PROGRESS_COMPLETE_AT=70", "PROGRESS_COMPLETE_AT"),
        ("settings.PROGRESS_PORT=9000", "PROGRESS_PORT"),
        ("rootPath=learn", "rootPath"),
        ("rootPath=/learn/", "rootPath"),
        ("replicaCount=two", "replicaCount"),
        ("workers=65", "workers"),
        ("image.digest=latest", "digest"),
        ("forwardedAllowIps={*}", "forwardedAllowIps"),
        ("extraEnv[0].name=PROGRESS_PORT", "extraEnv"),
        ("ingress.hosts={https://learn.example}", "hosts"),
        ("prepareDb.args={--drop}", "args"),
    ],
)
def test_unusable_value_is_named(value: str, named: str):
    assert named in error(SECRET, value)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("terminationGracePeriodSeconds=19",), "terminationGracePeriodSeconds"),
        (("preStopSeconds=16",), "terminationGracePeriodSeconds"),
        (("ingress.enabled=true",), "ingress.hosts"),
        (
            ("erasureLedger.enabled=true", "erasureLedger.accessModes={ReadWriteOnce}"),
            "erasureLedger.accessModes",
        ),
        (("autoscaling.enabled=true", "autoscaling.minReplicas=11"), "autoscaling.minReplicas"),
    ],
)
def test_contradicting_values_are_refused(values: tuple[str, ...], named: str):
    assert named in error(SECRET, *values)


def test_values_file_has_every_value_of_the_schema():
    schema = json.loads((CHART / "values.schema.json").read_text())
    del schema["properties"]["global"]
    del schema["properties"]["settings"]["properties"]

    def names(schema: dict[str, Any], values: dict[str, Any], path: str = "") -> None:
        known = schema.get("properties")
        if known is not None:
            assert values.keys() == known.keys(), path
            for name, inner in known.items():
                names(inner, values[name], f"{path}.{name}")

    names(schema, yaml.safe_load((CHART / "values.yaml").read_text()))


def test_every_setting_has_one_place(everything: list[Object]):
    allowed = json.loads((CHART / "values.schema.json").read_text())["properties"]["settings"]
    template = (CHART / "templates" / "configmap.yaml").read_text()

    for name, field in Settings.model_fields.items():
        variable = f"PROGRESS_{name.upper()}"
        places = [
            variable in allowed["properties"],
            f"  {variable}: " in template,
            chart_schema.is_secret(field),
            name == "data_dir",  # only `dev` reads it
        ]
        assert places.count(True) == 1, variable


def test_settings_are_written_as_the_service_reads_them(
    everything: list[Object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    for name, value in settings_of(everything).items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert settings.host == "::"
    assert settings.root_path == "/courses/progress"
    assert settings.complete_at_percent == 72.5
    assert settings.cors_origins == ("https://learn.example", "capacitor://localhost")
    assert settings.webhooks_allow_private_addresses is True
    assert settings.role_names == {"learner": "student", "instructor": "teacher"}


def test_large_numbers_keep_their_digits():
    objects = render(file=CHART / "ci" / "three-replicas-values.yaml")

    assert settings_of(objects)["PROGRESS_JWT_MAX_AGE"] == "3600000"
    environment = {each["name"]: each["value"] for each in container_of(objects, "Job")["env"]}
    assert environment["PROGRESS_JWT_MAX_AGE"] == "3600000"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_pods_can_stop_and_are_restricted(file: Path):
    objects = render(file=file)
    pod, container = pod_of(objects), container_of(objects)

    waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= waits + STOP_SECONDS
    assert only(objects, "Deployment")["spec"]["strategy"]["rollingUpdate"] == {
        "maxUnavailable": 0,
        "maxSurge": 1,
    }
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for kind in ("Deployment", "Job"):
        pod, container = pod_of(objects, kind), container_of(objects, kind)
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert "limits" in container["resources"]


def test_image_runs_as_the_user_of_the_dockerfile():
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_selectors_find_the_serving_pods_only(file: Path):
    objects = render(file=file)
    serving = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    preparing = only(objects, "Job")["spec"]["template"]["metadata"]["labels"]

    selectors = [only(objects, "Deployment")["spec"]["selector"]["matchLabels"]]
    for each in objects:
        if each["kind"] == "Service" and "selector" in each["spec"]:
            selectors.append(each["spec"]["selector"])
        if each["kind"] == "PodDisruptionBudget":
            selectors.append(each["spec"]["selector"]["matchLabels"])
    assert len(selectors) == 3
    for selector in selectors:
        assert selector.items() <= serving.items()
        assert not selector.items() <= preparing.items()


def test_database_is_prepared_before_each_release(minimal: list[Object]):
    job = only(minimal, "Job")

    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    container = container_of(minimal, "Job")
    assert container["args"] == ["prepare-db"]
    # No object of the chart exists then.
    assert container["envFrom"] == [{"secretRef": {"name": "progress-secrets"}}]
    assert "serviceAccountName" not in pod_of(minimal, "Job")


def test_changed_setting_replaces_the_pods(minimal: list[Object]):
    changed = render(SECRET, "settings.PROGRESS_READ_RATE=9/second")

    def checksum(objects: list[Object]) -> str:
        metadata = only(objects, "Deployment")["spec"]["template"]["metadata"]
        return str(metadata["annotations"]["checksum/settings"])

    assert checksum(changed) != checksum(minimal)


def test_autoscaler_alone_decides_how_many_pods_run(everything: list[Object]):
    assert "replicas" not in only(everything, "Deployment")["spec"]
    assert only(everything, "HorizontalPodAutoscaler")["spec"]["minReplicas"] == 3


def test_prefix_is_routed_and_set():
    objects = render(file=CHART / "ci" / "prefix-values.yaml")

    assert settings_of(objects)["PROGRESS_ROOT_PATH"] == "/learn"
    for rule in only(objects, "Ingress")["spec"]["rules"]:
        paths = {each["path"]: each["backend"]["service"]["name"] for each in rule["http"]["paths"]}
        assert paths == {
            "/learn": "demo-progress-service",
            "/learn/metrics": "demo-progress-service-blocked",
        }
    assert "selector" not in only(objects, "Service", suffix="-blocked")["spec"]


def test_ledger_is_mounted_where_the_setting_says():
    for file, claim in (
        ("prefix", "progress-ledger"),
        ("everything", "watch-progress-erasure-ledger"),
    ):
        objects = render(file=CHART / "ci" / f"{file}-values.yaml")
        mounts = {each["name"]: each["mountPath"] for each in container_of(objects)["volumeMounts"]}
        ledger = Path(settings_of(objects)["PROGRESS_ERASURE_LEDGER"])

        assert str(ledger.parent) == mounts["erasure-ledger"]
        volumes = {each["name"]: each for each in pod_of(objects)["volumes"]}
        assert volumes["erasure-ledger"]["persistentVolumeClaim"]["claimName"] == claim
    annotations = only(objects, "PersistentVolumeClaim")["metadata"]["annotations"]
    assert annotations["helm.sh/resource-policy"] == "keep"


def test_erasures_are_repeated_before_the_service_starts(everything: list[Object]):
    [container] = pod_of(everything)["initContainers"]
    serving = container_of(everything)

    assert container["args"] == ["erase", "--replay"]
    assert container["envFrom"] == serving["envFrom"]
    assert container["volumeMounts"] == serving["volumeMounts"]
    assert container["securityContext"] == serving["securityContext"]


def test_policy_covers_what_uses_the_database(everything: list[Object]):
    policy = only(everything, "NetworkPolicy")["spec"]
    [wanted] = policy["podSelector"]["matchExpressions"]

    for kind in ("Deployment", "Job"):
        labels = only(everything, kind)["spec"]["template"]["metadata"]["labels"]
        assert labels[wanted["key"]] in wanted["values"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    ports = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    assert ports == {53, 443, 8443, 27018}


def test_rules_and_dashboard_are_those_of_the_folder(everything: list[Object]):
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())
    dashboard = only(everything, "ConfigMap", suffix="-dashboard")["data"]

    assert dashboard == {"progress-service.json": (DEPLOY / "dashboard.json").read_text()}
    plain = render(SECRET, "prometheusRule.enabled=true")
    assert only(plain, "PrometheusRule")["spec"] == rules
    linked = only(everything, "PrometheusRule")["spec"]["groups"]
    links = [rule["annotations"]["runbook_url"] for group in linked for rule in group["rules"]]
    assert links
    assert all(link.startswith("https://wiki.learn.example/progress/docs/") for link in links)


def test_scraped_job_has_the_name_that_the_rules_select(everything: list[Object]):
    [endpoint] = only(everything, "ServiceMonitor")["spec"]["endpoints"]
    [relabeling] = endpoint["relabelings"]

    assert relabeling["targetLabel"] == "job"
    jobs = set(re.findall(r'job="([^"]+)"', (DEPLOY / "alerts.yaml").read_text()))
    assert jobs == {relabeling["replacement"]}


@pytest.mark.parametrize("name", ["x", "a" * 53, "progress-service"])
def test_names_fit_whatever_the_release_is_called(name: str):
    result: subprocess.CompletedProcess[str] = attempt(
        SECRET, f"fullnameOverride={name}" if name == "x" else f"nameOverride={name}"
    )

    assert result.returncode == 0, result.stderr
    names = [each["metadata"]["name"] for each in yaml.safe_load_all(result.stdout) if each]
    assert max(map(len, names)) <= 63


def test_version_is_that_of_the_service():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (ROOT / "pyproject.toml").read_text()

    assert f'\nversion = "{chart["appVersion"]}"\n' in project
