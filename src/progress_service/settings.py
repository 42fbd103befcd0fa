"""The environment variables, with unit, default and meaning. Prefix ``PROGRESS_``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from progress_service.errors import StartupError
from progress_service.setting_types import (
    SERVICE_LINK_SCHEMES,
    ClaimName,
    Keys,
    List,
    Rate,
    Role,
    exact_origins,
    http_address,
    is_service_link,
    name_and_role,
    valid_networks,
    valid_role_names,
    valid_root_path,
)

PREFIX = "PROGRESS_"
ENV_FILE = ".env"
OTHER_VARIABLES = frozenset({"PROGRESS_MONGOD", "PROGRESS_URL"})
"""Read elsewhere: the mongod for `dev` and the tests, and the service for `npm run dev`."""


class Settings(BaseSettings):
    """The settings of one process. Lists are separated by commas."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    mongodb_uri: SecretStr | None = Field(
        None, description="Replica set or sharded cluster. Unset: a private mongod under dev."
    )
    mongodb_database: str = Field(
        "progress", pattern=r"^[A-Za-z0-9_-]{1,63}$", description="Name of the database."
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("progress-service"),
        description="Folder of the private mongod's files and the development secret.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    root_path: Annotated[str, AfterValidator(valid_root_path)] = Field(
        "",
        description="Path prefix at the proxy, like /learn, whether or not the proxy removes it.",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=1,
        le=3_600,
        description="Seconds until an idle connection is closed; set it above the load balancer's.",
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Key of HS* tokens, at least 32 bytes. Unset: dev generates and stores one.",
    )
    jwt_algorithms: List = Field(
        ("HS256",), description="Allowed algorithms: HS256…HS512, RS256…RS512, ES256…ES512."
    )
    jwt_public_key: Path | None = Field(
        None, description="PEM or JWKS file for RS* and ES* tokens."
    )
    jwt_jwks_url: str | None = Field(
        None, description="Address of a JWKS document; fetched, cached and rotated."
    )
    jwt_issuer: str | None = Field(None, description="Required `iss`; checked if set.")
    jwt_audience: str | None = Field(None, description="Required `aud`; checked if set.")
    jwt_user_claim: ClaimName = Field(
        "sub",
        description="Claim with the user id. Dots address nested objects, except in a name with ://.",
    )
    jwt_role_claim: ClaimName = Field(
        "role",
        description="Claim with the roles, a text or a list: realm_access.roles, cognito:groups. "
        "With the default, a list `roles` counts too.",
    )
    jwt_role_names: Annotated[List, AfterValidator(valid_role_names)] = Field(
        (),
        description="Role names of an identity provider: learner=student,admin=service.",
    )
    jwt_max_age: int | None = Field(
        None,
        ge=1,
        description="Seconds for which a token is valid after its `iat`, which is then required. "
        "Unset: until `exp`.",
    )
    complete_at_percent: float = Field(
        80,
        gt=0,
        le=100,
        description="Percentage that completes a video; course and material may override it.",
    )
    watch_time_rate: Rate = Field("1/second", description="Updates per student and video.")
    read_rate: Rate = Field("50/second", description="All other calls per student or teacher.")
    service_rate: Rate = Field("500/second", description="Calls per service.")
    events_rate: Rate = Field(
        "2000/100 seconds",
        description="Offline events per student: this number at once, then this rate.",
    )
    rate_limit_storage: str = Field(
        "memory://", description="Where rate limits are counted; several workers need a shared one."
    )
    analytics_min_learners: int = Field(
        5,
        ge=1,
        description="Numbers for teachers distinguish no fewer learners; 1: exact numbers.",
    )
    retain_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Days after which records, sessions and events that were not touched are "
        "removed; completions stay while the student is enrolled. Unset: never.",
    )
    cors_origins: Annotated[List, AfterValidator(exact_origins)] = Field(
        (),
        description="Exact origins, of any scheme, that may call from a browser; also for sockets.",
    )
    webhooks_allow_private_addresses: bool = Field(
        False,
        description="Whether webhooks may go to private and loopback addresses, also by http://.",
    )
    webhooks_allowed_networks: Annotated[List, AfterValidator(valid_networks)] = Field(
        (),
        description="Private networks that webhooks may go to, also by http://: 10.20.0.0/16.",
    )
    webhooks_encryption_key: Keys | None = Field(
        None,
        description="Key, at least 32 bytes, that encrypts webhook secrets in the database. "
        "To change it, put the new one in front: new,old.",
    )
    xapi_endpoint: Annotated[str, AfterValidator(http_address)] | None = Field(
        None,
        description="xAPI address of a learning record store, like https://lrs.example/xAPI. "
        "If set, completions and ended sessions are forwarded to it.",
    )
    xapi_key: SecretStr | None = Field(
        None, description="Its user name for HTTP Basic, or name:password."
    )
    xapi_secret: SecretStr | None = Field(None, description="Its password for HTTP Basic.")
    xapi_actor_homepage: Annotated[str, AfterValidator(http_address)] = Field(
        "https://progress-service.invalid",
        description="Address of the system that the user ids come from, for statements.",
    )
    xapi_activity_base: Annotated[str, AfterValidator(http_address)] = Field(
        "https://progress-service.invalid",
        description="Start of the addresses that identify courses and videos in statements. Set it "
        "before the first statement: the ids of statements depend on it.",
    )
    erasure_ledger: Path | None = Field(
        None,
        description="File outside the database to which erasures are appended, by keyed hash. "
        "The service then refuses a restored database that lacks one of them.",
    )
    log_format: Literal["console", "json"] | None = Field(
        None, description="console or json. Unset: console under dev, json under serve."
    )

    @property
    def role_names(self) -> dict[str, Role]:
        """`jwt_role_names` as a dictionary: the identity provider's name → the role."""
        return dict(map(name_and_role, self.jwt_role_names))

    def with_values(self, **given: object) -> Settings:
        """A copy with some values replaced, validated again."""
        return read_settings(**{**self._given(), **given})

    def _given(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.model_fields_set}

    @field_validator("port", mode="before")
    @classmethod
    def _not_a_service_link(cls, value: object) -> object:
        """Ignore PROGRESS_PORT=tcp://…, which Kubernetes sets if a service is called `progress`."""
        is_link = isinstance(value, str) and value.startswith(SERVICE_LINK_SCHEMES)
        return cls.model_fields["port"].default if is_link else value

    @field_validator(
        "jwt_algorithms",
        "jwt_role_names",
        "cors_origins",
        "webhooks_allowed_networks",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


def read_settings(**given: object) -> Settings:
    """The settings from the environment and ``.env``; *given* values, unless ``None``, win.

    Raises:
        StartupError: a value is invalid, or a variable is unknown; the message names it.
    """
    for name, nearest in unknown_variables():
        raise StartupError(
            f"{name} is no setting; did you mean {nearest}? .env.example lists them all."
        )
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise StartupError(f"{name} is not usable: {first['msg']}. See .env.example.") from error


def _variables() -> dict[str, str]:
    """The variables of the environment and the file, with upper-case names."""
    in_file = dotenv_values(ENV_FILE, interpolate=False)
    found = {**in_file, **os.environ}
    return {name.upper(): value or "" for name, value in found.items()}


def unknown_variables() -> Iterator[tuple[str, str]]:
    """The variables of our prefix that are no settings, each with the name of the closest one."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name, value in _variables().items():
        if name.startswith(PREFIX) and name not in known | OTHER_VARIABLES:
            if is_service_link(name, value):
                continue
            yield name, get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
