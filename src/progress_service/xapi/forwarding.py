"""Opens the learning record store of the settings, and offers it as a destination."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from progress_service.errors import StartupError
from progress_service.observability.logging import get_logger
from progress_service.outbox.destinations import Destination
from progress_service.settings import Settings
from progress_service.xapi.destination import XapiDestination
from progress_service.xapi.record_store import RecordStore
from progress_service.xapi.service import XapiService

log = get_logger("xapi")


class XapiForwarding:
    """The destinations of statements: one, or none without `XAPI_ENDPOINT`."""

    def __init__(self, service: XapiService, store: RecordStore | None) -> None:
        self._store = store
        self._stack = AsyncExitStack()
        self._destinations = () if store is None else (XapiDestination(service, store),)

    async def destinations(self) -> Sequence[Destination]:
        """The destination, for the worker of the outbox."""
        return self._destinations

    async def __aenter__(self) -> Self:
        if self._store is not None:
            await self._stack.enter_async_context(self._store)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()


def record_store_for(settings: Settings) -> RecordStore | None:
    """The store of the settings, if there is one.

    Raises:
        StartupError: it has a secret without a key.
    """
    key, secret = _credentials(settings)
    if settings.xapi_endpoint is None:
        return None
    if "xapi_activity_base" not in settings.model_fields_set:
        log.warning("xapi_activity_base_not_set")  # The ids of statements change with it.
    return RecordStore(settings.xapi_endpoint, key=key, secret=secret)


def _credentials(settings: Settings) -> tuple[str | None, str | None]:
    """The user name and the password; a key alone may have both, with a colon in between."""
    key, secret = settings.xapi_key, settings.xapi_secret
    if key is None:
        if secret is not None:
            raise StartupError("PROGRESS_XAPI_SECRET needs PROGRESS_XAPI_KEY, the user name.")
        return None, None
    if secret is not None:
        return key.get_secret_value(), secret.get_secret_value()
    name, _, password = key.get_secret_value().partition(":")
    return name, password
