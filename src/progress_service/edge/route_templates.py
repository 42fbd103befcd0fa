"""Under which route a request is counted: the template of its path, whatever became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute

UNMATCHED = "unmatched"
ANY_METHOD = "ANY"
ANY_PAGE = "/{page}"
OTHER_METHOD = "OTHER"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
Template = tuple[re.Pattern[str], str]


def api_routes(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """The operations of *routers*."""
    for router in routers:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


class RouteTemplates:
    """The paths that this service knows.

    FastAPI notes the route it found in a scope of its own, and finds none for what is refused
    before; so that each request is counted under its operation, the path is looked up here.
    """

    def __init__(self, routers: Iterable[APIRouter], others: Iterable[Template]) -> None:
        operations = {route.path: route.path_regex for route in api_routes(routers)}
        self._templates = [(regex, path) for path, regex in operations.items()]
        self._templates += others

    def find(self, path: str) -> str | None:
        """The template of *path*, or ``None`` where no operation and no folder of files is."""
        return next((name for regex, name in self._templates if regex.fullmatch(path)), None)

    def labels_of(self, method: str, path: str, *, status: int) -> tuple[str, str]:
        """Method and route of a request, both of a small set.

        Args:
            method: as sent.
            path: as sent.
            status: of the response; whatever path the web app answers is one of its pages.
        """
        template = self.find(path)
        if template is None and 300 <= status < 400:  # to the same path without the last slash
            template = self.find(path.rstrip("/"))
        if template is None:
            if status >= 400:
                return ANY_METHOD, UNMATCHED
            template = ANY_PAGE
        return method if method in METHODS else OTHER_METHOD, template
