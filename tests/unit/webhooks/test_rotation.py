"""Which secrets of a webhook sign, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.webhooks import MAX_SECRETS, OVERLAP, Webhook
from tests.builders import NOON, at
from tests.unit.webhooks.builders import a_webhook


def sealed_at(webhook: Webhook, now: datetime) -> list[str]:
    return [one.sealed for one in webhook.valid_secrets(now=now)]


def test_secret_before_stays_valid_for_24_hours():
    rotated = a_webhook(secret="old").with_secret("new", now=NOON)

    assert sealed_at(rotated, at(hours=23, minutes=59)) == ["new", "old"]
    assert sealed_at(rotated, at(hours=24)) == ["new"]
    assert rotated.previous_valid_until(now=NOON) == at(hours=24)
    assert rotated.previous_valid_until(now=at(hours=24)) is None


def test_second_rotation_prolongs_no_earlier_secret():
    rotated = a_webhook(secret="1").with_secret("2", now=NOON).with_secret("3", now=at(hours=1))

    assert sealed_at(rotated, at(hours=23)) == ["3", "2", "1"]
    assert sealed_at(rotated, at(hours=24)) == ["3", "2"]
    assert sealed_at(rotated, at(hours=25)) == ["3"]


@given(hours=st.lists(st.floats(0, 48), min_size=1, max_size=12), later=st.floats(0, 48))
def test_current_secret_is_always_valid_and_the_others_bounded(hours: list[float], later: float):
    webhook, now = a_webhook(secret="0"), NOON
    made_at = {"0": NOON}
    for number, wait in enumerate(hours, start=1):
        now += timedelta(hours=wait)
        webhook = webhook.with_secret(str(number), now=now)
        made_at[str(number)] = now
    then = now + timedelta(hours=later)

    valid = sealed_at(webhook, then)

    assert valid[0] == str(len(hours))
    assert len(webhook.secrets) <= MAX_SECRETS
    # Each of the others was replaced, by the next one, no longer than the overlap ago.
    assert all(then < made_at[str(int(one) + 1)] + OVERLAP for one in valid[1:])
