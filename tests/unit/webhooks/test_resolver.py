"""Names are looked up in threads of their own, each name once at a time."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Sequence

import pytest

from progress_service.webhooks import resolver as module
from progress_service.webhooks.resolver import NameNotResolvedError, Resolver

PUBLIC = "93.184.215.14"


class SlowNames:
    """Looks up names when the test lets it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_end = threading.Event()

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        assert self.may_end.wait(30)
        return [PUBLIC]


async def test_addresses_come_in_order_and_once():
    resolver = Resolver(lambda _: [PUBLIC, "2606:2800::1", PUBLIC, "fe80::1%eth0"])

    found = await resolver.addresses("receiver.example")

    assert [str(address) for address in found] == [PUBLIC, "2606:2800::1", "fe80::1"]


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
async def test_name_that_cannot_be_looked_up_is_not_resolved(error: Exception):
    def fail(_: str) -> Sequence[str]:
        raise error

    with pytest.raises(NameNotResolvedError):
        await Resolver(fail).addresses("receiver.example")


@pytest.mark.parametrize("found", [[], ["not an address"]])
async def test_name_without_a_valid_address_is_not_resolved(found: list[str]):
    with pytest.raises(NameNotResolvedError):
        await Resolver(lambda _: found).addresses("receiver.example")


async def test_concurrent_lookups_of_a_name_are_one():
    names = SlowNames()
    resolver = Resolver(names)

    lookups = [asyncio.create_task(resolver.addresses("receiver.example")) for _ in range(20)]
    await asyncio.sleep(0)
    names.may_end.set()

    assert await asyncio.gather(*lookups) == [[ipaddress.ip_address(PUBLIC)]] * 20
    assert names.asked == ["receiver.example"]


async def test_caller_that_gives_up_does_not_end_the_lookup_of_the_others():
    names = SlowNames()
    resolver = Resolver(names)
    impatient = asyncio.create_task(resolver.addresses("receiver.example"))
    patient = asyncio.create_task(resolver.addresses("receiver.example"))
    await asyncio.sleep(0)

    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    names.may_end.set()

    assert await patient == [ipaddress.ip_address(PUBLIC)]


async def test_slow_name_delays_no_other_name():
    slow = SlowNames()
    resolver = Resolver(lambda host: slow(host) if host == "slow.example" else [PUBLIC])
    waiting = asyncio.create_task(resolver.addresses("slow.example"))
    await asyncio.sleep(0)

    assert await resolver.addresses("fast.example") == [ipaddress.ip_address(PUBLIC)]
    assert not waiting.done()
    slow.may_end.set()
    await waiting


async def test_lookups_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_LOOKUPS", 2)
    names = SlowNames()
    resolver = Resolver(names)
    running = [asyncio.create_task(resolver.addresses(f"{n}.example")) for n in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(NameNotResolvedError):
        await resolver.addresses("3.example")

    names.may_end.set()
    await asyncio.gather(*running)
    assert await resolver.addresses("3.example") == [ipaddress.ip_address(PUBLIC)]


async def test_next_lookup_of_a_name_is_a_new_one():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    resolver = Resolver(lambda _: next(answers))

    found = [await resolver.addresses("receiver.example") for _ in range(2)]

    assert [str(one) for [one] in found] == [PUBLIC, "127.0.0.1"]


async def test_name_that_never_exists_is_not_looked_up():
    names = SlowNames()

    with pytest.raises(NameNotResolvedError):
        await Resolver(names).addresses("receiver.invalid")

    assert names.asked == []
