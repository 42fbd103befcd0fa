"""Webhooks: which events go where, and with which secrets they are signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_WEBHOOKS = 50  # Each has connections and a task of its own.
MAX_SECRETS = 5  # Each adds a signature to every request.
OVERLAP = timedelta(hours=24)  # How long the secret before stays valid: time to deploy the new one.


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret as it is stored, ``sealed``. The current one has no ``valid_until``."""

    sealed: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of events, with its secrets, the current one first.

    ``disabled_reason`` says why the service, and not a caller, made it inactive. ``revision``
    counts the changes.
    """

    webhook_id: str
    url: str
    events: tuple[str, ...]
    is_active: bool
    secrets: tuple[SigningSecret, ...]
    created_by: str
    created_at: datetime
    updated_at: datetime
    disabled_reason: str | None = None
    revision: int = 1

    def valid_secrets(self, *, now: datetime) -> Sequence[SigningSecret]:
        """The secrets that sign a request now, the current one first."""
        return [one for one in self.secrets if one.valid_until is None or now < one.valid_until]

    def previous_valid_until(self, *, now: datetime) -> datetime | None:
        """When the last secret before the current one expires; ``None`` if there is none."""
        ends = [one.valid_until for one in self.valid_secrets(now=now) if one.valid_until]
        return max(ends, default=None)

    def with_secret(self, sealed: str, *, now: datetime) -> Webhook:
        """Sign with another secret, and for `OVERLAP` also with the one before."""
        before = [
            one if one.valid_until else replace(one, valid_until=now + OVERLAP)
            for one in self.valid_secrets(now=now)
        ]
        secrets = (SigningSecret(sealed), *before)
        return replace(self, secrets=secrets[:MAX_SECRETS], updated_at=now)
