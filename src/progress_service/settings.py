"""Every environment variable: its unit, its default, what it means. Prefix ``PROGRESS_``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

from dotenv import dotenv_values
from limits import parse_many
from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from progress_service.errors import StartupError


def _a_rate(text: str) -> str:
    try:
        rates = parse_many(text)
    except ValueError as error:
        raise ValueError("a rate looks like 50/second or 1000/minute") from error
    if any(rate.amount < 1 or rate.multiples < 1 for rate in rates):
        raise ValueError("a rate lets at least one through")
    return text


_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#*@\s:,]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def _exact_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """As browsers send them: in lower case, without the default port."""
    return tuple(_exact_origin(origin) for origin in origins)


def _exact_origin(text: str) -> str:
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(
            f"{text} is no origin like https://learn.example:8443 or capacitor://localhost"
        )
    scheme, host, port = found.groups()
    is_default = port is None or port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{host}" if is_default else f"{scheme}://{host}:{port}"


def _root_path(text: str) -> str:
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("a prefix looks like /learn or /learn/progress")
    if {".", ".."} & set(path.split("/")):
        raise ValueError("a prefix has no . or .. in it")
    return path


def _role_names(pairs: tuple[str, ...]) -> tuple[str, ...]:
    names = [_name_and_role(pair)[0] for pair in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands for two roles; name it once")
    return pairs


def _name_and_role(pair: str) -> tuple[str, Role]:
    name, separator, role = (part.strip() for part in pair.rpartition("="))
    if not (name and separator and role in get_args(Role)) or ";" in name:
        raise ValueError(
            f"{pair} is no pair like learner=student; behind the = stands student, teacher or "
            "service"
        )
    return name, cast(Role, role)


PREFIX = "PROGRESS_"
ENV_FILE = ".env"
OTHER_VARIABLES = frozenset({"PROGRESS_MONGOD", "PROGRESS_URL"})
"""Read elsewhere: the mongod of `dev` and the tests, the service of the web app in development."""

SERVICE_LINK_SCHEMES = ("tcp://", "udp://", "sctp://")
_SERVICE_LINK = re.compile(
    r"PROGRESS_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)

Role = Literal["student", "teacher", "service"]
Rate = Annotated[str, AfterValidator(_a_rate)]
List = Annotated[tuple[str, ...], NoDecode]
ClaimName = Annotated[str, StringConstraints(pattern=r"^([^.\s]+(\.[^.\s]+)*|\S*://\S*)$")]


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
    workers: int = Field(1, ge=1, le=64, description="Processes that serve.")
    root_path: Annotated[str, AfterValidator(_root_path)] = Field(
        "",
        description="Prefix at the proxy, like /learn, whether the proxy takes it off or not.",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=1,
        le=3_600,
        description="Seconds until an idle connection is closed; more than the load balancer's.",
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Key of HS* tokens, at least 32 bytes. Unset under dev: made once and kept.",
    )
    jwt_algorithms: List = Field(
        ("HS256",), description="Allow-list of signatures: HS256…HS512, RS256…RS512, ES256…ES512."
    )
    jwt_public_key: Path | None = Field(
        None, description="PEM or JWKS file for RS* and ES* tokens."
    )
    jwt_jwks_url: str | None = Field(
        None, description="Address of a JWKS document; fetched, cached and rotated."
    )
    jwt_issuer: str | None = Field(None, description="Wanted `iss`; checked when set.")
    jwt_audience: str | None = Field(None, description="Wanted `aud`; checked when set.")
    jwt_user_claim: ClaimName = Field(
        "sub",
        description="Claim with the user id. Dots go into objects; a name with :// is taken whole.",
    )
    jwt_role_claim: ClaimName = Field(
        "role",
        description="Claim with the roles, a text or a list: realm_access.roles, cognito:groups. "
        "Beside `role`, a list `roles` counts too.",
    )
    jwt_role_names: Annotated[List, AfterValidator(_role_names)] = Field(
        (),
        description="How an identity provider calls the roles: learner=student,admin=service.",
    )
    jwt_max_age: int | None = Field(
        None,
        ge=1,
        description="Seconds a token counts from its `iat`, which it must then have. "
        "Unset: until `exp`.",
    )
    complete_at_percent: float = Field(
        80, gt=0, le=100, description="A video is done from here on, unless course or material say."
    )
    watch_time_rate: Rate = Field("1/second", description="Updates of one video by one student.")
    read_rate: Rate = Field("50/second", description="Every other call by one student or teacher.")
    service_rate: Rate = Field("500/second", description="Calls by one service.")
    events_rate: Rate = Field(
        "2000/100 seconds",
        description="Offline events by one student: so many at once, then at that rate.",
    )
    rate_limit_storage: str = Field(
        "memory://", description="Where limits are counted; share it between several workers."
    )
    analytics_min_learners: int = Field(
        5, ge=1, description="Below this many viewers a teacher sees no numbers."
    )
    cors_origins: Annotated[List, AfterValidator(_exact_origins)] = Field(
        (),
        description="Exact origins, of any scheme, that may call from a browser; also for sockets.",
    )
    log_format: Literal["console", "json"] | None = Field(
        None, description="console or json. Unset: console under dev, json under serve."
    )

    @property
    def role_names(self) -> dict[str, Role]:
        """`jwt_role_names` as a dictionary: the name of an identity provider → ours."""
        return dict(map(_name_and_role, self.jwt_role_names))

    def with_values(self, **given: object) -> Settings:
        """A copy with some values replaced, checked again."""
        return read_settings(**{**self._given(), **given})

    def _given(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.model_fields_set}

    @field_validator("port", mode="before")
    @classmethod
    def _not_a_service_link(cls, value: object) -> object:
        """Kubernetes sets PROGRESS_PORT=tcp://10.0.0.1:8000 where a service is called progress."""
        is_link = isinstance(value, str) and value.startswith(SERVICE_LINK_SCHEMES)
        return cls.model_fields["port"].default if is_link else value

    @field_validator("jwt_algorithms", "jwt_role_names", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


def read_settings(**given: object) -> Settings:
    """The settings from the environment and ``.env``; *given* ones, unless ``None``, win.

    Raises:
        StartupError: a value makes no sense, or a variable does not exist; the message names it.
    """
    _refuse_unknown(_variables())
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise StartupError(f"{name} is not usable: {first['msg']}. See .env.example.") from error


def _variables() -> dict[str, str]:
    """What is set here or in the file, by names in capitals: capitals do not matter."""
    in_file = dotenv_values(ENV_FILE, interpolate=False)
    found = {**in_file, **os.environ}
    return {name.upper(): value or "" for name, value in found.items()}


def _refuse_unknown(variables: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name, value in variables.items():
        if name.startswith(PREFIX) and name not in known | OTHER_VARIABLES:
            if _is_service_link(name, value):
                continue
            nearest = get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
            raise StartupError(
                f"{name} is no setting; did you mean {nearest}? .env.example lists them all."
            )


def _is_service_link(name: str, value: str) -> bool:
    """True for what Kubernetes sets in every container when a service is called progress-…."""
    return bool(_SERVICE_LINK.fullmatch(name)) or value.startswith(SERVICE_LINK_SCHEMES)
