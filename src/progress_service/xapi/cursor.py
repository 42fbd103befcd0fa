"""Where a page of statements ends."""

from __future__ import annotations

import json
from typing import NamedTuple

from progress_service.domain.opaque_text import decode_opaque, encode_opaque
from progress_service.errors import Invalid

WHOLE_RECORD = "~"  # Sorts after every id.
MAX_CHARACTERS = 4_096


class Place(NamedTuple):
    """A place in the order of statements: by video, its completion first, then its sessions."""

    material_id: str
    session_key: str

    def encode(self) -> str:
        """Opaque text for this place."""
        return encode_opaque(json.dumps(self, separators=(",", ":")))

    @classmethod
    def decode(cls, text: str) -> Place:
        """The place that *text* encodes.

        Raises:
            Invalid: it is not a cursor of this service.
        """
        try:
            material_id, session_key = decode_opaque(text, max_characters=MAX_CHARACTERS)
            if type(material_id) is not str or type(session_key) is not str:
                raise TypeError("not a place")
            material_id.encode()  # lone surrogates cannot be queried
        except (ValueError, TypeError, RecursionError) as error:
            detail = "is not a cursor of this service; leave it out to start with the first page"
            raise Invalid.field("after", detail, code="bad_cursor") from error
        return cls(material_id, session_key)


START = Place("", "")
"""Before every statement: material ids are not empty."""
