"""Secrets of webhooks: how they look, how they sign, and how they are encrypted in the database."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from standardwebhooks import Webhook as Signer

PREFIX = "whsec_"
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64  # Standard Webhooks 1.0.
NEW_SECRET_BYTES = 32
_SEALED = "fernet:"
_KEY_PURPOSE = b"progress-service webhook secrets"


def new_secret() -> str:
    """A random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_SECRET_BYTES)).decode()


def valid_secret(text: str) -> str:
    """*text*, if it is a secret of Standard Webhooks.

    Raises:
        ValueError: it is not.
    """
    detail = (
        f"must be {PREFIX} and {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} random bytes in base64; "
        "leave it out to have one made"
    )
    if not text.startswith(PREFIX):
        raise ValueError(detail)
    encoded = text.removeprefix(PREFIX)
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(detail) from error
    if not MIN_SECRET_BYTES <= len(decoded) <= MAX_SECRET_BYTES:
        raise ValueError(detail)
    return text


def signatures(
    body: str, *, event_id: str, secrets_in_use: Sequence[str], now: datetime
) -> dict[str, str]:
    """The three headers of Standard Webhooks, with a signature for each secret."""
    signed = [Signer(secret).sign(event_id, now, body) for secret in secrets_in_use]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }


class SecretBox:
    """Encrypts secrets for the database: with the first key; any of them decrypts.

    Without a key, they are stored as they are.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in keys]) if keys else None

    def seal(self, secret: str) -> str:
        """*secret* as it is stored."""
        if self._fernet is None:
            return secret
        return _SEALED + self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The secret; ``None`` if none of the keys decrypts it, or it is malformed."""
        secret = sealed
        if sealed.startswith(_SEALED):
            if self._fernet is None:
                return None
            try:
                secret = self._fernet.decrypt(sealed.removeprefix(_SEALED)).decode()
            except (InvalidToken, ValueError):
                return None
        try:
            return valid_secret(secret)
        except ValueError:
            return None


def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=_KEY_PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
