"""How the inventory declares collections and fields, and finds fields that are not declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

ANY_NAME = "*"  # A name that is data, such as the id of a session.
ANYTHING_BELOW = "**"  # Where the fields are about nobody, or those of other programs.


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a document, and what becomes of it.

    ``path`` has dots between names. Elements of a list have the path of the list. ``exported_as``
    is where an export has the value; ``None`` if it has not.
    """

    path: str
    why: str
    exported_as: str | None = None


@dataclass(frozen=True)
class StoredData:
    """All documents of one kind in a collection.

    ``owner`` is the path of the field with the student's id; ``None`` if the documents are about no
    student. ``line_kind`` is the `kind` of their lines in an export. ``document_kind`` is the value
    of `kind` in the documents of a collection with several kinds. ``is_prefix`` is true if
    ``collection`` begins the names of several collections.
    """

    collection: str
    about: str
    retained: str
    erased: str
    fields: tuple[DeclaredField, ...]
    owner: str | None = None
    line_kind: str | None = None
    document_kind: str | None = None
    is_prefix: bool = False

    def holds(self, collection: str, document: Mapping[str, Any]) -> bool:
        """True when this declares *document* of *collection*."""
        if self.is_prefix:
            return collection.startswith(self.collection)
        has_kind = self.document_kind is None or document.get("kind") == self.document_kind
        return collection == self.collection and has_kind

    def query(self, student_id: str) -> dict[str, Any]:
        """The query for all documents about a student, in this collection.

        It also matches documents of other programs with a list of students, which is about others
        too.

        Raises:
            ValueError: the documents are about no student.
        """
        if self.owner is None:
            raise ValueError(f"{self.collection} has no documents about students")
        kind = {"kind": self.document_kind} if self.document_kind else {}
        return {self.owner: student_id, **kind}

    def undeclared(self, document: Mapping[str, Any]) -> list[str]:
        """The paths of *document* that no field declares."""
        paths = dict(_paths(document))
        return [path for path, names in paths.items() if not self._declares(names)]

    def _declares(self, names: tuple[str, ...]) -> bool:
        return any(_matches(declared, names) for declared in self._declared_names)

    @cached_property
    def _declared_names(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(each.path.split(".")) for each in self.fields)


def exported(**reasons: str) -> tuple[DeclaredField, ...]:
    """Fields that an export has under their own name, with why they are stored."""
    return tuple(DeclaredField(path, why, exported_as=path) for path, why in reasons.items())


def _paths(value: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path of each value in a document that is neither a document nor a list of documents."""
    if isinstance(value, Mapping):
        if not value and names:
            yield ".".join(names), names
        for name, each in value.items():
            yield from _paths(each, (*names, str(name)))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for each in value:
            yield from _paths(each, names)
    else:
        yield ".".join(names), names


def _matches(declared: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """True when *declared* is the path *names*; an empty document on the way to it is declared."""
    for index, name in enumerate(declared):
        if name == ANYTHING_BELOW:
            return True
        if index == len(names):
            return True
        if name not in (ANY_NAME, names[index]):
            return False
    return len(declared) == len(names)
