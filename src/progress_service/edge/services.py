"""The services of an app by their type, for endpoints and middleware that depend on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request

T = TypeVar("T")


def provide(app: Any, *services: object) -> None:
    """Make *services* available to the endpoints of *app*, each under its own class."""
    if not hasattr(app, "services"):
        # Not in `app.state`: each request needs several services, and a lookup there is slow.
        app.services = {}
    app.services.update({type(service): service for service in services})


def service_in(app: Any, kind: type[T]) -> T:
    """The service of that class that was provided to *app*.

    Raises:
        KeyError: none was.
    """
    service: T = app.services[kind]
    return service


def provided(kind: type[T]) -> Callable[[Request], T]:
    """A dependency that returns the service of class *kind*, for ``Depends(provided(kind))``."""

    def get(request: Request) -> T:
        return service_in(request.scope["app"], kind)

    return get
