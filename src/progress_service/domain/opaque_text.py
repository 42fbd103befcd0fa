"""JSON as opaque text that fits into a URL: what clients send back without reading it."""

from __future__ import annotations

import base64
import json
from typing import Any


def encode_opaque(packed: str) -> str:
    """URL-safe text for *packed*, which is JSON."""
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_opaque(text: str, *, max_characters: int) -> Any:
    """The JSON value in *text*.

    Raises:
        ValueError, RecursionError: it is longer, or not the text of a JSON value.
    """
    if len(text) > max_characters:
        raise ValueError("too long")
    padding = "=" * (-len(text) % 4)
    return json.loads(base64.b64decode(text + padding, altchars=b"-_", validate=True))
