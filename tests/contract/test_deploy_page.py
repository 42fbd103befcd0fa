"""docs/deploy.md: its commands run as printed, and its files are accepted by what reads them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import check_deploy
import httpx
import pytest
import yaml
from dotenv import dotenv_values
from jose import jwt

from progress_service.settings import PREFIX
from progress_service.testing import free_port, wait_until
from tests.contract.operator_pages import Shell, blocks_of
from tests.deploy.charts import CHART, DEPLOY, ROOT, only, render
from tests.prometheus import run_promtool

PAGE = "deploy.md"
DRY_RUN = ["--dry-run=client", "--output=yaml", "--validate=false"]
KUBECTL = check_deploy.TOOLS / "bin" / "kubectl" / "kubectl"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the files of a checkout that the page uses."""
    (tmp_path / "deploy").symlink_to(DEPLOY)
    for name in (".env.example", "requirements-serve.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_image_is_built_and_pushed_under_one_name(checkout: Path):
    shell = Shell(checkout, {})
    shell.replace_program("docker")

    for block in blocks_of(PAGE, section="The image"):
        shell.run(block)

    build, push = shell.calls()
    assert build == ["docker", "build", "-t", push[-1], "."]


def test_compose_commands(checkout: Path, mongodb_uri: str):
    settings = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"compose_{free_port()}",
    }
    shell = Shell(checkout, settings)
    # A command inside the container runs on this machine, once the database is prepared.
    shell.replace_program(
        "docker",
        """
        import subprocess
        if "up" in sys.argv:
            subprocess.run(["progress-service", "prepare-db"], check=True)
        if "exec" in sys.argv:
            command = sys.argv[sys.argv.index("service") + 1 :]
            os.execvp(command[0], command)
        """,
    )
    shell.replace_program("curl")
    first, tokens, last = blocks_of(PAGE, section="Compose")

    shell.run(first)
    printed = shell.run(tokens)
    shell.run(last)

    written = dotenv_values(checkout / ".env", interpolate=False)
    assert len(written["PROGRESS_JWT_SECRET"] or "") >= 32
    stored, *found = printed.splitlines()
    assert stored == "The demo course is stored."
    claims = [jwt.get_unverified_claims(token) for token in found]
    assert [(each["sub"], each["role"]) for each in claims] == [
        ("ana", "student"),
        ("demo-teacher", "teacher"),
    ]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    docker = [call for call in shell.calls() if call[0] == "docker"]
    for call in docker:
        assert call[:4] == ["docker", "compose", "-f", "deploy/compose.yaml"]
        assert call[4] in {"up", "exec", "logs", "down"}
        assert call[4] not in {"exec", "logs"} or call[5] in services
    assert docker[0][4] == "up"
    curl = next(call for call in shell.calls() if call[0] == "curl")
    [port] = services["service"]["ports"]
    assert f"http://{port.rpartition(':')[0]}/readyz" == curl[-1]


def test_kubernetes_commands(checkout: Path):
    shell = Shell(checkout, {})
    shell.replace_program(
        "kubectl",
        f"""
        print("---", flush=True)
        os.execv({str(KUBECTL)!r}, [*sys.argv, *{DRY_RUN!r}])
        """,
    )
    shell.replace_program(
        "helm",
        f"""
        renders = {{"install": "template", "upgrade": "template"}}
        command = [renders.get(word, word) for word in sys.argv[1:] if word != "--wait"]
        if command[0] == "template":
            os.execv({str(check_deploy.HELM)!r}, ["helm", *command])
        """,
    )
    secret, values, *releases = blocks_of(PAGE, section="Kubernetes")

    created = [*yaml.safe_load_all(shell.run(secret))]
    (checkout / "values.yaml").write_text(values.text)
    rendered = [shell.run(block) for block in releases]

    namespace, made = created
    assert namespace["metadata"]["name"] == made["metadata"]["namespace"] == "progress"
    assert yaml.safe_load(values.text)["existingSecret"] == made["metadata"]["name"]
    assert {"PROGRESS_MONGODB_URI", "PROGRESS_JWT_SECRET"} == made["data"].keys()
    for text in rendered:
        assert not [*check_deploy.invalid_objects(text)]
        for each in yaml.safe_load_all(text):
            assert each is None or each["metadata"].get("namespace", "progress") == "progress"
    calls = [call[:2] for call in shell.calls() if call[0] == "helm"]
    assert calls == [["helm", "install"], ["helm", "test"], ["helm", "upgrade"]]


def test_objects_that_the_page_names_exist():
    text = (ROOT / "docs" / PAGE).read_text()
    objects = render("existingSecret=x")
    names = {f"{each['kind'].lower()}/{each['metadata']['name']}" for each in objects}

    named = set(re.findall(r"(?:deployment|job)/[\w-]+", text))
    release = re.findall(r"helm install (\S+)", text)

    assert set(release) == {"progress"}
    assert named == {
        f"{only(objects, kind)['kind'].lower()}/progress-progress-service{suffix}"
        for kind, suffix in (("Deployment", ""), ("Job", "-prepare-db"))
    }
    assert {name.replace("/demo-", "/progress-") for name in names} >= named


def test_units_are_installed_and_serve(checkout: Path, mongodb_uri: str):
    shell = Shell(checkout, {})
    for name in ("useradd", "systemctl", "journalctl", "systemd-run", "curl"):
        shell.replace_program(name)
    # The web app is built already, and `make` would look for newer sources.
    shell.replace_program(
        "make",
        f"""
        os.chdir({str(ROOT)!r})
        to = {str(checkout / "dist")!r}
        os.execvp("python", ["python", "-m", "hatchling", "build", "-t", "wheel", "-d", to])
        """,
    )
    root = checkout / "root"
    shell.replaced = {"/opt/": f"{root}/opt/", " /etc/": f" {root}/etc/"}
    blocks = blocks_of(PAGE, section="systemd")
    assert len(blocks) == 6

    for block in blocks:
        shell.run(block)

    environment_file = root / "etc/progress-service/environment"
    assert environment_file.stat().st_mode & 0o777 == 0o600
    for unit in (DEPLOY / "systemd").glob("*.service"):
        assert (root / "etc/systemd/system" / unit.name).read_text() == unit.read_text()
    called = {call[0] for call in shell.calls()}
    assert called == {"make", "useradd", "systemctl", "journalctl", "systemd-run", "curl"}
    serve_as_installed(root, environment_file, mongodb_uri)


def serve_as_installed(root: Path, environment_file: Path, mongodb_uri: str) -> None:
    """Run the commands of the installed units, with the settings of the installed file."""
    port = free_port()
    environment = {
        name: value or ""
        for name, value in dotenv_values(environment_file, interpolate=False).items()
    }
    assert len(environment["PROGRESS_JWT_SECRET"]) >= 32
    environment |= {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"installed_{port}",
        "PROGRESS_PORT": str(port),
        "PATH": os.environ["PATH"],
    }
    folder = root / "var"
    folder.mkdir()
    commands = [
        re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)[0].split()
        for unit in sorted((root / "etc/systemd/system").iterdir())
    ]
    prepare, serve, instance = ([str(root) + command[0], *command[1:]] for command in commands)
    assert instance == [*serve, "--port", "%i"]
    subprocess.run(prepare, cwd=folder, env=environment, check=True, timeout=120)
    with (folder / "log").open("wb") as log:
        service = subprocess.Popen(serve, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(
            lambda: responds(f"{address}/readyz"),
            within_seconds=120,
            otherwise=lambda: (folder / "log").read_text(),
        )
        assert "<title>" in httpx.get(f"{address}/").text  # the wheel contains the web app
        service.send_signal(signal.SIGTERM)
        service.wait(20)
    finally:
        if service.poll() is None:
            service.kill()
            service.wait()


def responds(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def test_prometheus_configuration_is_accepted(tmp_path: Path):
    [configuration] = blocks_of(PAGE, section="Monitoring")
    (tmp_path / "prometheus.yml").write_text(configuration.text)
    shutil.copy(DEPLOY / "alerts.yaml", tmp_path)

    result = run_promtool("check", "config", "prometheus.yml", folder=tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
    jobs = set(re.findall(r'job="([^"]+)"', (DEPLOY / "alerts.yaml").read_text()))
    assert {
        each["job_name"] for each in yaml.safe_load(configuration.text)["scrape_configs"]
    } == jobs


def test_chart_page_names_values_and_settings_that_exist():
    page = (CHART / "README.md").read_text()
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    for path in re.findall(r"`([a-z][A-Za-z]+(?:\.[A-Za-z]+)+)`", page):
        if path.startswith("values."):
            continue
        found = values
        for name in path.split("."):
            assert name in found, path
            found = found[name]
    known = check_deploy._known()
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", page)) <= known
