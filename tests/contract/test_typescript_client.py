"""The npm package of the TypeScript client in Node: packed, unpacked, and run as in its README."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from progress_service.testing import ServiceProcess
from tests.broken_servers import HTML, PROBLEM, RETRIED, proxy, response
from tests.browser.adopter import WEB, pack
from tests.builders import a_token

README = WEB / "packages" / "api-client" / "README.md"
PACKAGE = "progress-service-api-client"
DEPENDENCIES = ("openapi-fetch", "openapi-typescript-helpers", "@types", "undici-types")
TIMEOUT_SECONDS = 60
PAGE_PROGRAMS = re.findall(r"```ts\n(.*?)```", README.read_text(), re.DOTALL)
ENROLLING, ERRORS, PAGES = re.findall(r"```js\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where Node finds the package; its dependencies are those of this tree."""
    folder = tmp_path_factory.mktemp("program")
    [archive] = [path for path in pack(folder) if PACKAGE in path.name]
    modules = folder / "node_modules"
    with tarfile.open(archive) as packed:
        packed.extractall(modules, filter="data")
    (modules / "package").rename(modules / PACKAGE)
    for name in DEPENDENCIES:
        (modules / name).symlink_to(WEB / "node_modules" / name)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def run(folder: Path, program: str, address: str) -> subprocess.CompletedProcess[str]:
    """Run *program* as the service ``importer``."""
    token = a_token("importer", "service")
    return subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        cwd=folder,
        env={**os.environ, "SERVICE_URL": address, "SERVICE_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def test_readme_program_enrols(folder: Path, server: ServiceProcess):
    done = run(folder, ENROLLING, server.address)

    assert (done.returncode, done.stdout, done.stderr) == (0, "enrolled\n", "")


def test_readme_program_ends_with_the_problem(folder: Path, server: ServiceProcess):
    done = run(folder, ENROLLING.replace('"demo"', '"nowhere"'), server.address)

    assert (done.returncode, done.stdout) == (1, "")
    assert "course_not_found: There is no course 'nowhere'." in done.stderr


def test_readme_program_handles_errors(folder: Path, server: ServiceProcess):
    done = run(folder, ERRORS, server.address)

    assert (done.stdout, done.stderr) == ("there is no such course: course_not_found\n", "")


def test_readme_program_reads_all_pages(folder: Path, server: ServiceProcess):
    students = [f"reader-{number}" for number in range(3)]
    for student_id in students:
        server.enroll(student_id)

    done = run(folder, PAGES.replace("1000", "1"), server.address)

    assert set(students) <= set(done.stdout.splitlines())
    assert done.stderr == ""


def test_readme_programs_pass_the_type_checker(folder: Path):
    """The one of a page, too. Node's types are there for `process`."""
    programs = [*PAGE_PROGRAMS, ENROLLING, ERRORS, PAGES]
    files = [folder / f"program-{number}.mts" for number in range(len(programs))]
    for file, program in zip(files, programs, strict=True):
        file.write_text(program)
    command = [str(WEB / "node_modules" / ".bin" / "tsc"), "--noEmit", "--strict"]
    command += ["--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"]
    command += ["--types", "node", "--skipLibCheck", "--exactOptionalPropertyTypes", "false"]

    done = subprocess.run(
        [*command, *map(str, files)], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.stdout == ""
    assert len(programs) == 4


# -- a service or proxy that fails -----------------------------------------------------------------

BROKEN = {
    "500 with a problem": (
        response("500 Internal Server Error", PROBLEM, "application/problem+json"),
        "UnexpectedResponse: unexpected status 500",
    ),
    "502 with HTML": (
        response("502 Bad Gateway", HTML, "text/html"),
        "UnexpectedResponse: unexpected status 502",
    ),
    "200 with HTML": (
        response("200 OK", HTML, "text/html"),
        "UnexpectedResponse: the body is not JSON",
    ),
    "200 with truncated JSON": (
        response("200 OK", b'{"course_id": "demo", "stud', "application/json"),
        "UnexpectedResponse: the body is not JSON",
    ),
    "200 with nothing": (
        response("200 OK", b"", "application/json"),
        "UnexpectedResponse: unexpected status 200",
    ),
    "a connection that breaks off": (
        response("200 OK", b'{"course_id": "demo"}', "application/json", cut=5),
        "TypeError: ",
    ),
    "no response": (b"", "TypeError: fetch failed"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "TypeError: fetch failed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_readme_program_reports_a_failure(folder: Path, name: str):
    raw_response, error = BROKEN[name]

    with proxy(raw_response) as address:
        plain = run(folder, ENROLLING, address)
        with_errors = run(folder, ERRORS, address)

    assert (plain.returncode, plain.stdout) == (1, "")
    assert error in plain.stderr
    assert (with_errors.returncode, with_errors.stdout) == (1, "")
    assert with_errors.stderr.startswith(f"try again later: {error}")


PAGE = b'{"course_id": "demo", "student_ids": ["ana"], "next": null}'
ENROLLED = b'{"course_id": "demo", "student_id": "ana"}'
SUCCESSES = {
    ENROLLING: (ENROLLED, "enrolled\n"),
    ERRORS: (b'{"course_id": "chemistry", "title": "Chemistry"}', "Chemistry\n"),
    PAGES: (PAGE, "ana\n"),
}


@pytest.mark.parametrize("program", SUCCESSES, ids=range(len(SUCCESSES)))
def test_readme_program_survives_an_overloaded_service(folder: Path, program: str):
    body, output = SUCCESSES[program]

    with proxy(*RETRIED, response("200 OK", body, "application/json")) as address:
        done = run(folder, program, address)

    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


def test_readme_program_times_out(folder: Path):
    with proxy() as address, ThreadPoolExecutor() as pool:
        plain, with_errors = pool.map(
            lambda program: run(folder, program, address), (ENROLLING, ERRORS)
        )

    assert (plain.returncode, plain.stdout) == (1, "")
    assert "TimeoutError" in plain.stderr
    assert with_errors.stderr.startswith("try again later: TimeoutError")
