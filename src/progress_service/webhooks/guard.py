"""Checks the URL of a webhook before it is stored."""

from __future__ import annotations

import asyncio

from progress_service.errors import Invalid
from progress_service.webhooks.addresses import (
    AddressPolicy,
    IPAddress,
    Target,
    parse_url,
    plain_http,
    private_address,
)
from progress_service.webhooks.resolver import NameNotResolvedError, Resolver

LOOKUP_SECONDS = 2.0  # The request that registers has a deadline.


class UrlGuard:
    """Rejects URLs that no delivery would be sent to.

    Each delivery checks again, by the addresses that it connects to: names change.
    """

    def __init__(self, resolver: Resolver, policy: AddressPolicy) -> None:
        self._resolver = resolver
        self._policy = policy

    async def check(self, url: str) -> None:
        """Pass when deliveries may go to *url*. A name that is not resolved now passes.

        Raises:
            Invalid: it is malformed, or leads to an address that is not permitted.
        """
        try:
            target = parse_url(url)
        except ValueError as error:
            raise Invalid.field("url", str(error)) from error
        if target.scheme == "http" and not self._policy.allows_any_private:
            raise plain_http()
        self._policy.check_name(target)
        for address in await self._addresses(target):
            if not self._policy.permits(address, scheme=target.scheme):
                is_public = self._policy.permits(address, scheme="https")
                raise plain_http() if is_public else private_address()

    async def _addresses(self, target: Target) -> list[IPAddress]:
        if (literal := target.address) is not None:
            return [literal]
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                return await self._resolver.addresses(target.host)
        except (NameNotResolvedError, TimeoutError):
            return []
