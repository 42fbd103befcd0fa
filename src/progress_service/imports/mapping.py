"""Mapping files: how the fields of another system become ours."""

from __future__ import annotations

import codecs
import json
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from progress_service.errors import StartupError

MAX_MAPPING_BYTES = 16_777_216  # A table of ids may be long.
Unit = Literal["seconds", "milliseconds", "minutes", "hours", "clock", "percent"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Condition(_Strict):
    """A row has the field only if *column* has one of the values *is*."""

    column: str
    values: Annotated[list[str], Field(alias="is", min_length=1)]


class FieldMapping(_Strict):
    """Where one of our fields comes from."""

    column: str | None = Field(None, description="Of a table; a path with dots in JSON.")
    value: str | None = Field(None, description="The same for every row.")
    values: dict[str, str] | None = Field(None, description="Their values → ours.")
    lower: bool = Field(False, description="Written in lower case, before anything else.")
    strip_prefix: str = Field("", description="Removed from the start of the value.")
    strip_suffix: str = Field("", description="Removed from its end.")
    last_part: bool = Field(False, description="Only what follows the last slash.")
    add_prefix: str = Field("", description="Put in front of the value.")
    empty: tuple[str, ...] = Field((), description="Values that mean: nothing.")
    only_if: Condition | None = None
    unit: Unit = Field("seconds", description="Of a position or length.")
    format: str = Field("iso", description="Of a time: iso, unix, unix_ms, or a strptime format.")

    @model_validator(mode="after")
    def _has_one_source(self) -> FieldMapping:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either column or value")
        return self


def _from_column_name(given: object) -> object:
    """A text is short for a column."""
    return {"column": given} if isinstance(given, str) else given


FieldSource = Annotated[FieldMapping, BeforeValidator(_from_column_name)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone on this machine; use Europe/Paris") from error
    return name


def _known_codec(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is no encoding; use utf-8 or cp1252") from error
    return name


class Fields(_Strict):
    """Our fields; those that are left out have no value."""

    student_id: FieldSource
    video_id: FieldSource
    watch_time: FieldSource | None = None
    total_duration: FieldSource | None = None
    observed_at: FieldSource | None = None
    completed_at: FieldSource | None = None


class FileMapping(_Strict):
    """A mapping file."""

    fields: Fields
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        None, description="Between cells. Unset: what the header has most of."
    )
    encoding: Annotated[str, AfterValidator(_known_codec)] = "utf-8-sig"
    decimal: Literal[".", ","] = "."
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="Of times that have no offset."
    )

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of times that have no offset."""
        return ZoneInfo(self.time_zone)


XAPI_DEFAULT = FileMapping.model_validate(
    {"fields": {"student_id": "actor", "video_id": {"column": "object.id", "last_part": True}}}
)
"""Without a mapping file: the account name or mail address, and the end of the video's address."""


def read_mapping(path: Path) -> FileMapping:
    """The mapping in a TOML or JSON file.

    Raises:
        StartupError: it cannot be read, or is no valid mapping; names what is wrong.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_MAPPING_BYTES:
            raise StartupError(f"{path} is too large for a mapping.")
        return FileMapping.model_validate(_parsed(path, raw))
    except OSError as error:
        raise StartupError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise StartupError(
            f"{path} is no usable mapping: {where}: {first['msg']}. docs/import.md has examples."
        ) from error
    except (ValueError, RecursionError) as error:
        raise StartupError(f"{path} is neither TOML nor JSON: {error}.") from error


def _parsed(path: Path, raw: bytes) -> Mapping[str, Any]:
    text = raw.decode("utf-8-sig")
    found: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    return found  # type: ignore[no-any-return]
