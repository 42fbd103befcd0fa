"""The wheel contains the web app; without the web app, the build fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = "progress_service/static"


def build(tree: Path, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel of *tree* into *folder*."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {**os.environ, **given}
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def files_in(folder: Path) -> dict[str, bytes]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def tree_without_web_app(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    ignored = shutil.ignore_patterns("static", "__pycache__", "media")
    shutil.copytree(ROOT / "src", tree / "src", ignore=ignored)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    return tree


def test_wheel_contains_the_page_and_all_its_assets(tmp_path: Path):
    built = build(ROOT, tmp_path)
    assert built.returncode == 0, built.stderr

    files = files_in(tmp_path)
    page = files[f"{STATIC}/index.html"].decode()
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(named) >= 4
    assert [name for name in [*named, "/sw.js"] if STATIC + name not in files] == []
    assert any(name.startswith("progress_service/demo/media/") for name in files)


def test_wheel_build_fails_without_the_web_app(tree_without_web_app: Path, tmp_path: Path):
    built = build(tree_without_web_app, tmp_path)

    assert built.returncode != 0
    assert "The web app is not built" in built.stderr + built.stdout
    assert "make wheel" in built.stderr + built.stdout
    assert list(tmp_path.glob("*.whl")) == []


def test_wheel_without_the_web_app_is_built_on_request(tree_without_web_app: Path, tmp_path: Path):
    built = build(tree_without_web_app, tmp_path, WITHOUT_WEB_APP="1")

    assert built.returncode == 0, built.stderr
    assert "has no web app" in built.stderr + built.stdout
    assert f"{STATIC}/index.html" not in files_in(tmp_path)
