"""Routes that bind their own parameters, for the calls that players make all the time.

FastAPI's request handling costs several times the work of such a call, and reads the body before
anybody has checked who sends it. A `DirectRoute` binds the same signature: dependencies first, so
that the caller is known before the body is read, then the path, then the body. `DirectRouter`
serves these routes before the middleware and the router that the others need.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from fastapi import FastAPI, Request
from fastapi.params import Depends
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security.base import SecurityBase
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from progress_service.edge.callers import count_rejected
from progress_service.edge.problems import error_response, fields_of
from progress_service.edge.request_body import body_reader
from progress_service.edge.route_templates import ROUTE_TEMPLATE
from progress_service.errors import Forbidden, Invalid, NotFound

Handler = Callable[[Request], Awaitable[Response]]
Function = Callable[..., Any]


class _Parameter(NamedTuple):
    """How one argument of a function is read from a request."""

    rank: int  # in which parameters are read: dependencies, the path, the body
    name: str
    read: Function
    is_async: bool


class DirectRoute(APIRoute):
    """An operation whose endpoint gets what its signature names, and nothing else.

    A parameter is the `Request`, a part of the path, a JSON body, or ``Depends`` on a function of
    such parameters. The result is sent as JSON without being validated again; a `Response` is sent
    as it is.

    Raises:
        TypeError: at definition, for any other kind of parameter.
    """

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        """Bind the parameters of the endpoint once, for all requests."""
        call, is_async = _bound(self.endpoint, path_names=frozenset(self.param_convertors))

        async def handle(request: Request) -> Response:
            try:
                result = await call(request) if is_async else call(request)
            except (Invalid, Forbidden, NotFound):
                count_rejected(request)
                raise
            return result if isinstance(result, Response) else JsonResponse(to_json(result))

        return handle


class DirectRouter:
    """ASGI middleware: serves the direct routes of an app, and passes on everything else."""

    def __init__(self, app: ASGIApp, *, api: FastAPI) -> None:
        """
        Args:
            app: the next ASGI app.
            api: the app whose routes these are, wherever their routers are included.
        """
        self._app = app
        self._routes = [
            (method, template, compile_path(template)[0], route, route.get_route_handler())
            for context in iter_route_contexts(api.routes)
            if isinstance(route := context.original_route, DirectRoute)
            and (template := context.path)
            for method in context.methods or ()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or pass it on."""
        handler = self._match(scope) if scope["type"] == "http" else None
        if handler is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await handler(request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - nothing outside of these routes handles it
            response = await error_response(request, error)
        await response(scope, receive, send)

    def _match(self, scope: Scope) -> Handler | None:
        for method, template, path, route, handler in self._routes:
            if scope["method"] == method and (match := path.fullmatch(scope["path"])):
                scope["path_params"] = match.groupdict()
                scope["route"] = route
                scope[ROUTE_TEMPLATE] = template
                return handler
        return None


class JsonResponse(Response):
    """A 200 with JSON. Starlette's own takes three times as long to make the same headers."""

    def __init__(self, body: bytes) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]


def _bound(function: Function, *, path_names: frozenset[str]) -> tuple[Function, bool]:
    """*function* as one of the request alone, and whether its result must be awaited."""
    is_async = inspect.iscoroutinefunction(function)
    hints = get_type_hints(function, include_extras=True)
    names = list(inspect.signature(function).parameters)
    schemes = [name for name in names if _is_security_scheme(hints.get(name))]
    if schemes:  # They are for the OpenAPI document; `principal_of` reads the header.
        function = partial(function, **dict.fromkeys(schemes))
    names = [name for name in names if name not in schemes]
    if names and all(hints.get(name) is Request for name in names):
        return function, is_async
    parameters = sorted(_parameter(name, hints.get(name), path_names) for name in names)
    if is_async or any(parameter.is_async for parameter in parameters):
        return _awaiting(function, parameters, is_async=is_async), True

    def call(request: Request) -> Any:
        return function(**{name: read(request) for _, name, read, _ in parameters})

    return call, False


def _awaiting(function: Function, parameters: Sequence[_Parameter], *, is_async: bool) -> Function:
    async def call(request: Request) -> Any:
        arguments = {}
        for _, name, read, is_read_async in parameters:
            value = read(request)
            arguments[name] = await value if is_read_async else value
        result = function(**arguments)
        return await result if is_async else result

    return call


def _parameter(name: str, hint: Any, path_names: frozenset[str]) -> _Parameter:
    if hint is Request:
        return _Parameter(0, name, _itself, is_async=False)
    if (depends := _dependency(hint)) is not None:
        return _Parameter(0, name, *_bound(depends, path_names=path_names))
    if name in path_names:
        return _Parameter(1, name, _path_reader(name, hint), is_async=False)
    if (read := body_reader(hint)) is not None:
        return _Parameter(2, name, read, is_async=True)
    raise TypeError(f"a direct route cannot bind the parameter {name!r}: {hint!r}")


def _itself(request: Request) -> Request:
    return request


def _dependency(hint: Any) -> Function | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((e.dependency for e in get_args(hint)[1:] if isinstance(e, Depends)), None)


def _is_security_scheme(hint: Any) -> bool:
    return isinstance(_dependency(hint), SecurityBase)


def _path_reader(name: str, hint: Any) -> Callable[[Request], Any]:
    validate = TypeAdapter(hint).validator.validate_python

    def read(request: Request) -> Any:
        try:
            return validate(request.path_params[name])
        except ValidationError as error:
            [found] = fields_of(error)[:1]
            raise Invalid.field(name, found.detail, code=found.code) from error

    return read
