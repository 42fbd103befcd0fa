"""Rejects unknown query parameters: a misspelt one would silently change the response."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from progress_service.errors import FieldError, Invalid

MAX_NAMED = 10
MAX_NAME_CHARACTERS = 64


def check_query(request: Request) -> None:
    """Pass when the route of *request* takes every parameter of its query.

    Raises:
        Invalid: it does not; each unknown one is named, with the nearest that exists.
    """
    query: bytes = request.scope["query_string"]
    if not query:
        return
    route: APIRoute = request.scope["route"]
    known = frozenset(_names_in(route.dependant))
    sent = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    unknown = [name for name in dict.fromkeys(name for name, _ in sent) if name not in known]
    if not unknown:
        return
    errors = [
        FieldError(
            name[:MAX_NAME_CHARACTERS],
            "unknown_parameter",
            _remedy(name[:MAX_NAME_CHARACTERS], known),
        )
        for name in unknown[:MAX_NAMED]
    ]
    raise Invalid.fields(errors)


def _remedy(name: str, known: Collection[str]) -> str:
    if nearest := get_close_matches(name.lower(), sorted(known), n=1):
        return f"is no query parameter of this call; did you mean {nearest[0]}?"
    if known:
        return f"is no query parameter of this call; it takes {', '.join(sorted(known))}"
    return "is no query parameter of this call; it takes none"


def _names_in(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        yield parameter.alias
    for inner in dependant.dependencies:
        yield from _names_in(inner)
