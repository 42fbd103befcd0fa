"""docs/architecture.md names every layer, module and collection, and none that is gone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from progress_service.mongo import schema

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "progress_service"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
FIXED_NAMES = {"__init__.py", "routes.py", "schemas.py", "service.py", "store.py"}
"""Described once for all features."""
DESCRIBED_BY_A_DECISION = {"serving"}


def chapter(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def cells_of(table: str) -> list[list[str]]:
    """The cells of each row, without the head."""
    rows = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def files_described() -> dict[str, set[str]]:
    """Package → the names in its rows of the table of files."""
    described: dict[str, set[str]] = {}
    package = ""
    table = (
        chapter("What each file does").split("The other files:")[1].split("Motor is imported")[0]
    )
    for first, files, _ in cells_of(table):
        package = first.strip("`") or package
        described.setdefault(package, set()).update(re.findall(r"`(\w+\.py)`", files))
    return described


def test_layers_are_those_of_the_import_contract():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    [contract] = [each for each in tools["importlinter"]["contracts"] if each["type"] == "layers"]

    described = [set(re.findall(r"`(\w+)`", row[0])) for row in cells_of(chapter("Layers"))]

    assert described == [set(layer.split(" | ")) for layer in contract["layers"]]


@pytest.mark.parametrize(
    "package", sorted({p.parent.name for p in SOURCE.glob("*/*.py")} - DESCRIBED_BY_A_DECISION)
)
def test_each_module_is_described(package: str):
    modules = {path.name for path in (SOURCE / package).glob("*.py")}

    described = files_described().get(package, set())

    assert described - modules == set()
    assert modules - described - FIXED_NAMES == set()


def test_each_collection_is_described():
    known = {
        value
        for name, value in vars(schema).items()
        if name.isupper() and isinstance(value, str) and re.fullmatch(r"[a-z_]+", value)
    }

    described = {row[0].strip("`") for row in cells_of(chapter("Collections"))[: len(known)]}

    assert described == known


def test_links_lead_to_pages_and_headings_that_exist():
    broken = []
    for page in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, heading = target.partition("#")
            linked = (page.parent / path) if path else page
            if not linked.exists() or (heading and heading not in headings_of(linked)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert broken == []


def headings_of(page: Path) -> set[str]:
    """The anchors of a page, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", title.replace("`", "")).strip().lower().replace(" ", "-")
        for title in titles
    }
