"""deploy/compose.yaml agrees with the Dockerfile, the settings and the documented times."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.deploy.charts import DEPLOY, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_paths_are_those_of_the_checkout():
    for name in ("service", "prepare-db"):
        service = SERVICES[name]
        assert (DEPLOY / service["build"]).resolve() == ROOT
        assert (DEPLOY / service["env_file"]).resolve() == ROOT / ".env"
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
            *sources, _ = line.split()
            assert all((ROOT / source).exists() for source in sources), line


def test_copied_files_are_sent_to_the_builder():
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }

    copied = {
        source.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied <= sent


def test_database_starts_before_the_service():
    assert SERVICES["service"]["depends_on"] == {
        "prepare-db": {"condition": "service_completed_successfully"}
    }
    assert SERVICES["prepare-db"]["depends_on"] == {
        "replica-set": {"condition": "service_completed_successfully"}
    }
    nodes = [name for name in SERVICES if name.startswith("mongo-")]
    uri = SERVICES["service"]["environment"]["PROGRESS_MONGODB_URI"]
    assert uri == f"mongodb://{','.join(nodes)}/?replicaSet=rs0"
    for name in nodes:
        assert "--noscripting" in SERVICES[name]["command"]
        assert "ports" not in SERVICES[name]
        assert SERVICES[name]["networks"] == ["database"]
    assert COMPOSE["networks"]["database"]["internal"] is True


def test_service_has_time_to_stop_and_few_rights():
    service = SERVICES["service"]

    assert int(service["stop_grace_period"].removesuffix("s")) >= 15
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
