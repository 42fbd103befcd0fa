"""The mappings of docs/import.md are usable, and do what the page says."""

from __future__ import annotations

import io
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from progress_service.imports.mapped_rows import table_rows
from progress_service.imports.mapping import FieldMapping, FileMapping
from progress_service.imports.rows import ImportRow

PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text()
MAPPINGS = {
    name: FileMapping.model_validate(tomllib.loads(text))
    for name, text in re.findall(r"```toml\n# (\w+)\.toml\n(.*?)```", PAGE, re.DOTALL)
}


def test_each_mapping_is_usable():
    assert set(MAPPINGS) == {"table", "moodle", "lrs"}


def test_each_option_is_described():
    documented = set(re.findall(r"`(\w+)`", PAGE))

    assert set(FieldMapping.model_fields) | set(FileMapping.model_fields) - {"fields"} <= documented


def test_table_of_the_page():
    table = "Mail;Video;Gesehen (%);Zuletzt;Fertig\n"
    table += "Ana@Uni.example;Einführung;12,5;01.06.2025 10:30;ja\n"
    at = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)

    [row] = table_rows(io.BytesIO(table.encode("cp1252")), MAPPINGS["table"])

    assert row == ImportRow("ana", "intro", position_percent=12.5, observed_at=at, completed_at=at)


def test_table_of_moodle():
    table = (
        "username,idnumber,completionstate,timemodified\nana,intro,1,1748766600\nana,hooks,0,1\n"
    )

    completed, open_ = table_rows(io.BytesIO(table.encode()), MAPPINGS["moodle"])

    at = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)
    assert completed == ImportRow("ana", "intro", completed_at=at)
    assert not isinstance(open_, ImportRow)
