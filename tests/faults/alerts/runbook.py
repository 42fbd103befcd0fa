"""The sections of `docs/runbook.md`, and the commands in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

RUNBOOK = Path(__file__).parents[3] / "docs/runbook.md"
PARTS = ("Meaning", "Effect", "Confirm", "Clear", "Do not")
_BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Section(NamedTuple):
    """What the runbook says about one alert, by the name of the part."""

    alert: str
    parts: dict[str, str]

    def commands(self, part: str) -> list[str]:
        """The blocks of shell commands in a part, in order."""
        return _BLOCK.findall(self.parts[part])


def sections() -> dict[str, Section]:
    """By alert: a heading of the second level is the name of an alert."""
    found = {}
    for section in re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        if title.startswith("Progress"):
            found[title] = Section(title, _parts(text))
    return found


def _parts(text: str) -> dict[str, str]:
    pieces = re.split(r"^\*\*(.+?)\.\*\*\s", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))
