"""The inventory: everything the service stores, whom it is about, and what becomes of it.

`docs/privacy.md` has it as tables. A test fails if a document has a field that is not declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from progress_service.privacy import delivery_data, other_data, student_data
from progress_service.privacy.declarations import DeclaredField, StoredData

INVENTORY: tuple[StoredData, ...] = (
    *student_data.ALL,
    *delivery_data.ALL,
    *other_data.ALL,
)
"""In a collection with several kinds of documents, the one without a kind is last."""

PERSONAL_DATA: tuple[StoredData, ...] = tuple(each for each in INVENTORY if each.owner is not None)
"""What is about students."""


def undeclared_paths(collection: str, document: Mapping[str, Any]) -> list[str]:
    """The paths of *document* that the inventory does not declare; all, if it has no such kind."""
    for declared in INVENTORY:
        if declared.holds(collection, document):
            return declared.undeclared(document)
    return list(document)


def tables() -> str:
    """The inventory as Markdown, for the documentation."""
    return "\n".join(map(_table, INVENTORY))


def _by_meaning(
    data: StoredData,
) -> Iterable[tuple[tuple[str, str | None], Iterable[DeclaredField]]]:
    """Neighbours with the same meaning share a row."""
    return groupby(data.fields, key=lambda each: (each.why, each.exported_as))


def _row(why: str, exported_as: str | None, fields: Iterable[DeclaredField]) -> str:
    paths = ", ".join(f"`{each.path}`" for each in fields)
    return f"| {paths} | {why} | {f'`{exported_as}`' if exported_as else '–'} |"


def _table(data: StoredData) -> str:
    name = f"`{data.collection}`" if not data.is_prefix else f"`{data.collection}…`"
    kind = f", documents of kind `{data.document_kind}`" if data.document_kind else ""
    owner = f" Owner: `{data.owner}`." if data.owner else ""
    line = f" Lines of an export: `{data.line_kind}`." if data.line_kind else ""
    rows = [_row(why, exported, list(each)) for (why, exported), each in _by_meaning(data)]
    return "\n".join(
        [
            f"### {name}{kind}",
            "",
            f"About {data.about}.{owner}{line} Stored {data.retained}. Erasure: {data.erased}.",
            "",
            "| field | why | in an export |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )
