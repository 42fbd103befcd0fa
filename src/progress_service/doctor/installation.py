"""What is examined: settings and variables of this process, and its clock."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from progress_service.clock import Clock
from progress_service.doctor.findings import Finding
from progress_service.mongo.client import Database
from progress_service.settings import PREFIX, Settings, unknown_variables


class InvalidSetting(NamedTuple):
    """A variable whose value is not usable, and why; never the value."""

    variable: str
    reason: str


class UnknownVariable(NamedTuple):
    """A variable that is no setting, and the name of the closest setting."""

    variable: str
    nearest: str


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings that the service would use here.

    ``invalid`` and ``unknown`` prevent its start; ``settings`` has the default in the place of an
    invalid value. ``environment`` holds the variables of the process, also those of others.
    """

    settings: Settings
    clock: Clock
    invalid: Sequence[InvalidSetting] = ()
    unknown: Sequence[UnknownVariable] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def here(cls, clock: Clock) -> Installation:
        """As the environment and ``.env`` describe it."""
        settings, invalid = _settings_and_faults()
        unknown = [UnknownVariable(*found) for found in unknown_variables()]
        return cls(settings, clock, invalid, unknown, dict(os.environ))


def _settings_and_faults() -> tuple[Settings, list[InvalidSetting]]:
    try:
        return Settings(), []
    except ValidationError as error:
        reasons = {str(each["loc"][0]): each["msg"] for each in error.errors()}
    defaults = {
        name: Settings.model_fields[name].get_default(call_default_factory=True) for name in reasons
    }
    invalid = [InvalidSetting(PREFIX + name.upper(), why) for name, why in reasons.items()]
    return Settings(**defaults), invalid


Check = Callable[[Installation], Awaitable[Sequence[Finding]]]
DatabaseCheck = Callable[[Database, Installation], Awaitable[Sequence[Finding]]]
