"""Claims → user id and roles, wherever an identity provider puts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from progress_service.setting_types import Role

ROLES: frozenset[str] = frozenset(get_args(Role))

USER_ID_PATTERN = (
    r"^[^\s/\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff0-\uffff]{1,255}$"
)
"""User ids on the wire, for Python, Rust and JavaScript alike.

White space, control and format characters, and replacements of invalid bytes are excluded.
Characters that no Unicode version has assigned yet are allowed: a later one may.
"""

USER_ID_DETAIL = "must be 1 to 255 visible characters without space, slash or backslash"

DEFAULT_ROLE_CLAIM = "role"
SECOND_ROLE_CLAIM = "roles"  # Beside the default one, when it is a list.

_USER_ID = re.compile(USER_ID_PATTERN)
_SURROGATE = re.compile("[\ud800-\udfff]")  # Tokens can hold half a pair; UTF-8 cannot.
Claims = Mapping[str, Any]


def is_user_id(text: str) -> bool:
    """True for 1 to 255 visible characters, none of them a slash or backslash."""
    return _USER_ID.fullmatch(text) is not None and _SURROGATE.search(text) is None


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Which claims hold the user id and the roles, and the provider's names of the roles.

    Dots in a claim name lead into objects; a name with ``://`` is one name.
    """

    user: str = "sub"
    role: str = DEFAULT_ROLE_CLAIM
    role_names: Mapping[str, Role] = field(default_factory=dict)

    def user_id_in(self, claims: Claims) -> str | None:
        """The user id, or ``None`` where there is no usable one."""
        found = _value_at(self.user, claims)
        return found if isinstance(found, str) and is_user_id(found) else None

    def roles_in(self, claims: Claims) -> frozenset[Role]:
        """The roles of this service that the claims name; other names are ignored."""
        found = _value_at(self.role, claims)
        named: list[Any] = found if isinstance(found, list) else [found]
        if self.role == DEFAULT_ROLE_CLAIM and isinstance(claims.get(SECOND_ROLE_CLAIM), list):
            named = [*named, *claims[SECOND_ROLE_CLAIM]]
        return frozenset(self._ours(named))

    def _ours(self, names: Iterable[Any]) -> Iterable[Role]:
        for name in names:
            if isinstance(name, str):
                role = self.role_names.get(name, name)
                if role in ROLES:
                    yield cast(Role, role)

    def claims_of(self, user_id: str, role: Role) -> dict[str, Any]:
        """Claims from which `user_id_in` and `roles_in` read these two."""
        claims: dict[str, Any] = {}
        for name, value in ((self.user, user_id), (self.role, role)):
            *outer, last = _path(name)
            at = claims
            for part in outer:
                at = at.setdefault(part, {})
            at[last] = value
        return claims


def _path(name: str) -> list[str]:
    return [name] if "://" in name else name.split(".")


def _value_at(name: str, claims: Claims) -> Any:
    value: Any = claims
    for part in _path(name):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
