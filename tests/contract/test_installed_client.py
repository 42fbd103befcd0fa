"""The Python client as other teams use it: built, installed, and run as in its README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from progress_service.testing import ServiceProcess
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


PROGRAM = programs()[0]


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


def test_readme_program_enrols(python: Path, server: ServiceProcess):
    done = run(python, PROGRAM, server.address)

    assert (done.returncode, done.stdout, done.stderr) == (0, "enrolled\n", "")


def test_readme_program_prints_why_it_was_rejected(python: Path, server: ServiceProcess):
    done = run(python, PROGRAM.replace('"demo"', '"nowhere"'), server.address)

    assert done.returncode == 1
    assert done.stderr.startswith("course_not_found: ")


def test_readme_program_reads_all_pages(python: Path, server: ServiceProcess):
    head = PROGRAM.partition("    response =")[0]
    block = programs()[1] + "print('ana' in students)\n"
    program = head + "".join(f"    {line}\n" for line in block.splitlines())

    done = run(python, PROGRAM + program, server.address)

    assert (done.stdout, done.stderr) == ("enrolled\nTrue\n", "")


def test_readme_program_passes_the_type_checker(python: Path, tmp_path: Path):
    """`py.typed` is included, so the checker reads the types."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python)]
    command += ["--config-file", os.devnull, "--cache-dir", str(tmp_path / "cache"), str(program)]
    environment = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "MYPYPATH")}

    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)

    assert done.stdout == "Success: no issues found in 1 source file\n"


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


def response(status: str, body: bytes, content_type: str, *, cut: int = 0) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body[: len(body) - cut]


HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
PROBLEM = (
    b'{"type":"t","title":"T","status":500,"detail":"D","code":"internal_error","request_id":"1"}'
)
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


@contextmanager
def proxy(raw_response: bytes | None) -> Iterator[str]:
    """The address of a server that sends these bytes on each connection, or nothing for None."""
    closing = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            if raw_response is None:
                closing.wait(TIMEOUT_SECONDS)
            else:
                self.wfile.write(raw_response)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            closing.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", BROKEN)
def test_readme_program_ends_with_a_clear_error(python: Path, name: str):
    raw_response, error = BROKEN[name]

    with proxy(raw_response) as address:
        done = run(python, PROGRAM, address)

    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr.splitlines()[-1]


def test_readme_program_times_out(python: Path):
    with proxy(None) as address:
        done = run(python, PROGRAM, address)

    assert (done.returncode, done.stdout) == (1, "")
    assert "ReadTimeout" in done.stderr.splitlines()[-1]
