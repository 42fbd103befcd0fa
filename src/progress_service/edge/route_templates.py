"""The paths of this service: the template that a request counts under, and its body limit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import compile_path

from progress_service.edge.problems import MAX_BODY_BYTES

UNMATCHED = "unmatched"
ANY_METHOD = "ANY"
ANY_PAGE = "/{page}"
OTHER_METHOD = "OTHER"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
ROUTE_TEMPLATE = "progress_service.route_template"
"""In the scope of a request: the template of its path, if a direct route serves it."""
Template = tuple[re.Pattern[str], str]


class RouteTemplates:
    """Requests count under their operation, even when they are rejected before the routing."""

    def __init__(self, api: FastAPI, others: Iterable[Template]) -> None:
        """
        Args:
            api: the app whose operations these are.
            others: paths of files and pages.
        """
        operations = {
            str(context.path): compile_path(str(context.path))[0]
            for context in iter_route_contexts(api.routes)
            if isinstance(context.original_route, APIRoute)
        }
        self._templates = [(regex, path) for path, regex in operations.items()]
        self._templates += others
        self._body_limits = [
            (frozenset(context.methods or ()), operations[str(context.path)], max_bytes)
            for context in iter_route_contexts(api.routes)
            if isinstance(route := context.original_route, APIRoute)
            and (max_bytes := route.max_body_size) is not None
        ]

    def find(self, path: str) -> str | None:
        """The template of *path*; ``None`` where there is no operation and no folder of files."""
        return next((name for regex, name in self._templates if regex.fullmatch(path)), None)

    def max_body_bytes(self, method: str, path: str) -> int:
        """How large the body of a request may be."""
        for methods, regex, max_bytes in self._body_limits:
            if method in methods and regex.fullmatch(path):
                return max_bytes
        return MAX_BODY_BYTES

    def labels_of(self, method: str, path: str, *, status: int) -> tuple[str, str]:
        """Method and route of a request, both of a small set.

        Args:
            method: as sent.
            path: as sent.
            status: of the response; any path that the web app serves is one of its pages.
        """
        template = self.find(path)
        if template is None and 300 <= status < 400:  # to the same path without the last slash
            template = self.find(path.rstrip("/"))
        if template is None:
            if status >= 400:
                return ANY_METHOD, UNMATCHED
            template = ANY_PAGE
        return method if method in METHODS else OTHER_METHOD, template
