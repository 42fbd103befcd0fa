"""Check that generated files are current and the tree is tidy; `--write` writes the files instead.

Generated: the OpenAPI document, `.env.example`, the inventory in `docs/privacy.md`, the TypeScript
types, and the Python client.
Nothing here asks git for differences, so it works the same in a tree with changes of your own.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from progress_service.privacy.personal_data import tables
from progress_service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
OPENAPI = ROOT / "openapi" / "openapi.json"
ENV_EXAMPLE = ROOT / ".env.example"
README = ROOT / "README.md"
PYTHON_CLIENT = ROOT / "clients" / "python" / "progress_client"
PRIVACY_PAGE = ROOT / "docs" / "privacy.md"
CLIENT_OPTIONS = ROOT / "clients" / "python" / "generator.yaml"
CLIENT_TEMPLATES = ROOT / "clients" / "python" / "templates"
CLIENT_HANDWRITTEN = ROOT / "clients" / "python" / "handwritten"
API_DOCSTRING = '"""One module for each call, with its synchronous and asynchronous forms."""\n'
API_CLIENT = ROOT / "web" / "packages" / "api-client"
WEB_TOOLS = [folder / "node_modules" / ".bin" for folder in (API_CLIENT, ROOT / "web")]
LOCKS = tuple(ROOT / f"requirements{part}.lock" for part in ("", "-serve", "-ralph"))
NPM_LOCK = ROOT / "web" / "package-lock.json"

MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 45
MAX_FILE_BYTES = 1_000_000


def main() -> int:
    """Write what Python generates, or report every complaint; the exit code says if there is one.

    `make openapi` runs the TypeScript generator itself, after this.
    """
    if sys.argv[1:] == ["--write"]:
        OPENAPI.write_text(openapi_document())
        ENV_EXAMPLE.write_text(env_example())
        PRIVACY_PAGE.write_text(privacy_page())
        write_python_client()
        return 0
    complaints = [*stale_files(), *untidy_files(), *unfit_locks()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


# -- what is generated ---------------------------------------------------------------------------


def openapi_document() -> str:
    """What `progress-service export-openapi` prints, whatever is set on this machine."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PROGRESS_")}
    with tempfile.TemporaryDirectory() as without_env_file:
        command = [sys.executable, "-m", "progress_service", "export-openapi"]
        return _run(command, cwd=Path(without_env_file), env=plain)


def privacy_page() -> str:
    """The page about personal data, with the tables of the inventory at its end."""
    written, table_heading = PRIVACY_PAGE.read_text(), "\n### "
    return written.partition(table_heading)[0].rstrip() + "\n\n" + tables()


def env_example() -> str:
    """Every setting with its meaning and default; a copy of it is a working `.env`."""
    lines = [
        "# The settings of Progress Service. Copy this file to .env and change what you need;",
        "# an empty value is the same as none. Written by `make openapi`, do not edit.",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory else _as_text(field.default)
        lines += ["", f"# {field.description}", f"PROGRESS_{name.upper()}={default}"]
    return "\n".join(lines) + "\n"


def _as_text(default: object) -> str:
    if isinstance(default, tuple):
        return ",".join(default)
    return "" if default is None else str(default)


def typescript_types() -> tuple[Path, str]:
    """The file of generated types, and what its own generator would write there now."""
    package = json.loads((API_CLIENT / "package.json").read_text())
    command = shlex.split(package["scripts"]["generate"])
    output = command.index("--output") + 1
    committed = API_CLIENT / command[output]
    with tempfile.TemporaryDirectory() as folder:
        command[output] = str(Path(folder) / committed.name)
        path = os.pathsep.join([*map(str, WEB_TOOLS), os.environ["PATH"]])
        _run(command, cwd=API_CLIENT, env={**os.environ, "PATH": path})
        return committed, Path(command[output]).read_text()


def python_client() -> dict[Path, str]:
    """What its generator writes now, and our handwritten modules beside it, by path.

    It runs in a temporary folder, where the configuration of this project does not apply.
    """
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / PYTHON_CLIENT.name
        command = ["openapi-python-client", "generate", "--meta", "none", "--path", str(OPENAPI)]
        command += [
            "--config",
            str(CLIENT_OPTIONS),
            "--custom-template-path",
            str(CLIENT_TEMPLATES),
        ]
        command += ["--output-path", str(target)]
        environment = {**os.environ, "PATH": tools}
        _run(command, cwd=Path(folder), env=environment)
        # The generator offers one template that sees all operations: that of this file.
        calls = (target / "api" / "__init__.py").rename(target / "calls.py")
        calls.with_name("api").joinpath("__init__.py").write_text(API_DOCSTRING)
        unused = ["ruff", "check", "--isolated", "--fix-only", "--select", "F401", str(calls)]
        _run([*unused, "--target-version", "py310"], cwd=Path(folder), env=environment)
        for module in CLIENT_HANDWRITTEN.glob("*.py"):
            shutil.copy(module, target)
        (target / "py.typed").touch()
        return _client_files(target)


def write_python_client() -> None:
    """Replace the client; files that are no longer generated are removed."""
    files = python_client()
    shutil.rmtree(PYTHON_CLIENT, ignore_errors=True)
    for path, text in files.items():
        target = PYTHON_CLIENT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _client_files(folder: Path) -> dict[Path, str]:
    paths = [*folder.rglob("*.py"), *folder.glob("py.typed")]
    return {path.relative_to(folder): path.read_text() for path in sorted(paths)}


def _run(command: list[str], *, cwd: Path, env: dict[str, str]) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is not installed; run `make setup` with Node.") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{shlex.join(command)} failed:\n{error.stderr}") from None
    return done.stdout


# -- what may be wrong ---------------------------------------------------------------------------


def stale_files() -> Iterator[str]:
    """One sentence for each generated file that differs from what would be written now."""
    generated = [
        (OPENAPI, openapi_document()),
        (ENV_EXAMPLE, env_example()),
        (PRIVACY_PAGE, privacy_page()),
        typescript_types(),
    ]
    for path, wanted in generated:
        if not path.is_file() or path.read_text() != wanted:
            yield f"{_shown(path)} is stale; run `make openapi` and commit what it writes."
    if _client_files(PYTHON_CLIENT) != python_client():
        yield f"{_shown(PYTHON_CLIENT)} is stale; run `make openapi` and commit what it writes."


def untidy_files() -> Iterator[str]:
    """One sentence for each rule that a tracked file breaks."""
    for path in _tracked():
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            yield f"{_shown(path)} has {size} bytes; files above {MAX_FILE_BYTES} stay out of git."
    for path in sorted((ROOT / "src").rglob("*.py")):
        yield from _long_code(path)
    for name in map(str.upper, Settings.model_fields):
        if f"`{name}`" not in README.read_text():
            yield f"README.md does not document {name}; add it to the table of settings."


def _long_code(path: Path) -> Iterator[str]:
    text = path.read_text()
    if (lines := len(text.splitlines())) > MAX_MODULE_LINES:
        yield f"{_shown(path)} has {lines} lines; split it by subject, at {MAX_MODULE_LINES}."
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{_shown(path)}: {node.name} has {lines} lines, over {MAX_FUNCTION_LINES}."


def unfit_locks() -> Iterator[str]:
    """One sentence for each lock file that cannot be installed from elsewhere."""
    for path in LOCKS:
        if "://" in path.read_text() or "--index-url" in path.read_text():
            yield f"{_shown(path)} names a registry address; write it again with `make lock`."
    if re.search(r'"resolved":\s*"\w+://', NPM_LOCK.read_text()):
        yield f"{_shown(NPM_LOCK)} names a registry address; web/.npmrc should leave it out."
    everything, served = (_pins(path) for path in LOCKS[:2])
    for name in sorted(served - everything):
        yield f"{name} is in requirements-serve.lock only; run `make lock`."


def _tracked() -> list[Path]:
    names = _run(["git", "ls-files", "-z"], cwd=ROOT, env=dict(os.environ)).split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[\w.!+-]+", lock.read_text(), re.MULTILINE))


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
