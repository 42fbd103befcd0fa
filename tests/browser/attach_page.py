"""The code blocks of docs/attach-the-tracker.md, as pages that a browser can open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs/attach-the-tracker.md"
_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!^## ).*\n)*)", re.MULTILINE)
_BLOCK = re.compile(r"^```(?P<language>html|js|tsx)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
# The placeholders that a reader replaces: the service address and the signed-in user.
_PLACEHOLDERS = {'"https://progress.example.org"': "given.service", '"ana"': "given.account"}
_GIVEN = """\
const given = Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string>;
sessionStorage.setItem("token", given.token ?? "");
"""


@dataclass(frozen=True)
class Example:
    """One player: its markup and its script, verbatim."""

    title: str
    markup: str
    script: str
    language: str

    @property
    def name(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower())

    def write(self, folder: Path) -> None:
        """Write the page and its script for a bundler."""
        script = f"{self.name}-script.{self.language}"
        (folder / script).write_text(self.script)
        page = f'<!doctype html>\n{self.markup}<script type="module" src="./{script}"></script>\n'
        (folder / f"{self.name}.html").write_text(page)


def examples() -> list[Example]:
    """Every section with a script; each script follows the opening block of the page."""
    document = DOCUMENT.read_text()
    opening = next(
        block["code"] for block in _BLOCK.finditer(document) if block["language"] == "js"
    )
    for placeholder, value in _PLACEHOLDERS.items():
        assert opening.count(placeholder) == 1, placeholder
        opening = opening.replace(placeholder, value)
    found = []
    for section in _SECTION.finditer(document):
        blocks = [(block["language"], block["code"]) for block in _BLOCK.finditer(section["text"])]
        markup = "".join(code for language, code in blocks if language == "html")
        scripts = [(language, code) for language, code in blocks if language != "html"]
        if scripts:
            language = scripts[0][0]
            given = (
                _GIVEN if language == "tsx" else _GIVEN.replace(" as Record<string, string>", "")
            )
            script = "".join([given, opening, *(code for _, code in scripts)])
            found.append(Example(section["title"], markup, script, language))
    return found
