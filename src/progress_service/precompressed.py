"""Chooses the compressed form of a file; the build of the web app compresses each file once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

# Best first: the name of a coding in HTTP, and the suffix of its files.
CODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
IDENTITY = "identity"
_ALIASES = {"x-gzip": "gzip"}


class PrecompressedFiles:
    """The files in a folder, and the compressed forms beside them.

    The folder is read once: a built app does not change under a running service.
    """

    def __init__(self, folder: Path) -> None:
        names = {f"/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*")}
        self._codings = {
            name: tuple(coding for coding, ending in CODINGS.items() if name + ending in names)
            for name in names
        }
        self._forms = frozenset(
            name + CODINGS[coding] for name, found in self._codings.items() for coding in found
        )

    def __contains__(self, path: str) -> bool:
        """True for a file of the app itself, not for its compressed forms."""
        return path in self._codings and path not in self._forms

    def is_form(self, path: str) -> bool:
        """True for a compressed form, which is not served under its own name."""
        return path in self._forms

    def coding_for(self, path: str, accept_encoding: Iterable[str]) -> str:
        """The best coding of the file at *path* for these Accept-Encoding fields, else identity."""
        return choose_coding(self._codings.get(path, ()), accept_encoding)

    def varies(self, path: str) -> bool:
        """True when the response depends on Accept-Encoding."""
        return bool(self._codings.get(path))


def choose_coding(available: Iterable[str], accept_encoding: Iterable[str]) -> str:
    """The coding with the highest weight; of equal ones, the first of *available*.

    The identity coding is the fallback, even if the client excludes it.

    Source: RFC 9110, section 12.5.3.
    """
    weights = dict(_weights(accept_encoding))
    others = weights.get("*", 0.0)
    best, best_weight = IDENTITY, weights.get(IDENTITY, 0.0)
    for coding in available:
        weight = weights.get(coding, others)
        if weight > best_weight or (weight == best_weight > 0 and best == IDENTITY):
            best, best_weight = coding, weight
    return best


def _weights(fields: Iterable[str]) -> Iterable[tuple[str, float]]:
    for part in ",".join(fields).split(","):
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if coding:
            yield _ALIASES.get(coding, coding), _weight(parameters)


def _weight(parameters: Iterable[str]) -> float:
    """The weight among *parameters*: 1 if there is none, 0 if it is invalid."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
