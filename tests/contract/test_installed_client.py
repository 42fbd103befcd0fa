"""The Python client as other teams use it: built, installed, and run as in its README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from progress_service.testing import ServiceProcess
from tests.broken_servers import HTML, PROBLEM, RETRIED, proxy, response
from tests.builders import a_token

CLIENT = Path(__file__).parents[2] / "clients" / "python"
TIMEOUT_SECONDS = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the wheel; its dependencies are those of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += ["--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python


def programs() -> list[str]:
    """The Python code blocks of the README."""
    return re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)


PROGRAM, ASYNCHRONOUS, ERRORS, PAGES, WITHOUT_EXCEPTIONS = programs()
ENROLLING = {"with exceptions": PROGRAM, "without exceptions": WITHOUT_EXCEPTIONS}
every_enrolling_program = pytest.mark.parametrize("program", ENROLLING.values(), ids=ENROLLING)


def run(python: Path, program: str, address: str) -> subprocess.CompletedProcess[str]:
    """Run *program* as the service ``importer``, without the sources of this repository."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["SERVICE_URL"] = address
    environment["SERVICE_TOKEN"] = a_token("importer", "service")
    return subprocess.run(
        [str(python), "-c", program],
        env=environment,
        cwd=python.parent,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def test_wheel_contains_the_typed_package_only(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()

    assert "progress_client/py.typed" in names
    assert "progress_client/retries.py" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"progress_client"}


@every_enrolling_program
def test_readme_program_enrols(python: Path, server: ServiceProcess, program: str):
    done = run(python, program, server.address)

    assert (done.returncode, done.stdout, done.stderr) == (0, "enrolled\n", "")


@every_enrolling_program
def test_readme_program_prints_why_it_was_rejected(
    python: Path, server: ServiceProcess, program: str
):
    done = run(python, program.replace('"demo"', '"nowhere"'), server.address)

    assert done.returncode == 1
    last_line = done.stderr.splitlines()[-1]
    assert last_line.removeprefix("progress_client.errors.NotFound: ") == (
        "course_not_found: There is no course 'nowhere'."
    )


def test_readme_program_runs_asynchronously(python: Path, server: ServiceProcess):
    done = run(python, ASYNCHRONOUS, server.address)

    assert (done.stdout, done.stderr) == ("Interfaces that remember\n", "")


def test_readme_program_handles_errors(python: Path, server: ServiceProcess):
    done = run(python, ERRORS, server.address)

    assert (done.stdout, done.stderr) == ("there is no such course: course_not_found\n", "")


def test_readme_program_reads_all_pages(python: Path, server: ServiceProcess):
    run(python, PROGRAM, server.address)

    done = run(python, PAGES.replace("1000", "1"), server.address)

    assert "ana" in done.stdout.splitlines()
    assert done.stderr == ""


def test_readme_programs_pass_the_type_checker(python: Path, tmp_path: Path):
    """`py.typed` is included, so the checker reads the types."""
    files = [tmp_path / f"program_{number}.py" for number in range(len(programs()))]
    for file, program in zip(files, programs(), strict=True):
        file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python)]
    command += [
        "--config-file",
        os.devnull,
        "--cache-dir",
        str(tmp_path / "cache"),
        *map(str, files),
    ]
    environment = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "MYPYPATH")}

    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)

    assert done.stdout == "Success: no issues found in 5 source files\n"


def test_client_supports_the_oldest_python_it_declares(tmp_path: Path):
    """The checker knows which Python version added each name of the standard library."""
    [oldest] = re.findall(
        r'requires-python = ">=([\d.]+)"', (CLIENT / "pyproject.toml").read_text()
    )
    command = [sys.executable, "-m", "mypy", "--python-version", oldest]
    command += ["--config-file", os.devnull, "--cache-dir", str(tmp_path), "progress_client"]

    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True)

    assert (oldest, done.stdout.startswith("Success: ")) == ("3.10", True), done.stdout


# -- a broken proxy ------------------------------------------------------------------------------


TRUNCATED = b'{"course_id": "demo", "stud'
BROKEN = {
    "500 with a problem": (
        response("500 Internal Server Error", PROBLEM, "application/problem+json"),
        "UnexpectedStatus: unexpected status 500",
    ),
    "500 with nothing": (
        response("500 Internal Server Error", b"", "text/plain"),
        "UnexpectedStatus: unexpected status 500",
    ),
    "502 with HTML": (
        response("502 Bad Gateway", HTML, "text/html"),
        "UnexpectedStatus: unexpected status 502",
    ),
    "an unknown status": (
        response("520 Unknown", HTML, "text/html"),
        "UnexpectedStatus: unexpected status 520",
    ),
    "200 with HTML": (
        response("200 OK", HTML, "text/html"),
        "UnexpectedResponse: the response with status 200 is not one of the service",
    ),
    "403 with HTML": (
        response("403 Forbidden", HTML, "text/html"),
        "UnexpectedResponse: the response with status 403 is not one of the service",
    ),
    "200 with truncated JSON": (
        response("200 OK", TRUNCATED, "application/json"),
        "UnexpectedResponse: the response with status 200 is not one of the service",
    ),
    "a connection that breaks off": (
        response("200 OK", b'{"course_id": "demo"}', "application/json", cut=5),
        "RemoteProtocolError",
    ),
    "no response": (b"", "RemoteProtocolError"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "RemoteProtocolError"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_readme_program_ends_with_a_clear_error(python: Path, name: str):
    raw_response, error = BROKEN[name]

    with proxy(raw_response) as address:
        done = run(python, PROGRAM, address)

    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", BROKEN)
def test_readme_program_that_handles_errors_handles_each(python: Path, name: str):
    raw_response, error = BROKEN[name]

    with proxy(raw_response) as address:
        done = run(python, ERRORS, address)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("try again later: ")
    assert error.split(":")[0] in done.stderr


PAGE = b'{"course_id": "demo", "student_ids": ["ana"], "next": null}'
ENROLLED = b'{"course_id": "demo", "student_id": "ana"}'
SUCCESSES = {
    PROGRAM: (ENROLLED, "enrolled\n"),
    WITHOUT_EXCEPTIONS: (ENROLLED, "enrolled\n"),
    PAGES: (PAGE, "ana\n"),
}


@pytest.mark.parametrize("program", SUCCESSES, ids=range(len(SUCCESSES)))
def test_readme_program_survives_an_overloaded_service(python: Path, program: str):
    body, output = SUCCESSES[program]

    with proxy(*RETRIED, response("200 OK", body, "application/json")) as address:
        done = run(python, program, address)

    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


@pytest.mark.parametrize("program", [ASYNCHRONOUS, ERRORS], ids=["asynchronous", "errors"])
def test_readme_program_reads_a_course_from_an_overloaded_service(
    python: Path, server: ServiceProcess, program: str
):
    with server.client("importer", "service") as client:
        course = client.get("/api/catalog/courses/demo").raise_for_status().content

    with proxy(*RETRIED, response("200 OK", course, "application/json")) as address:
        done = run(python, program, address)

    printed = "Interfaces that remember\n" if program == ASYNCHRONOUS else ""
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")


def test_readme_program_times_out(python: Path):
    with proxy() as address, ThreadPoolExecutor() as pool:
        plain, with_errors = pool.map(
            lambda program: run(python, program, address), (PROGRAM, ERRORS)
        )

    assert (plain.returncode, plain.stdout) == (1, "")
    assert "ReadTimeout" in plain.stderr.splitlines()[-1]
    assert (with_errors.returncode, with_errors.stdout) == (1, "")
    assert with_errors.stderr.startswith("try again later: ReadTimeout")
