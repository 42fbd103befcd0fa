"""`token`: development tokens."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from progress_service import development
from progress_service.edge.configured import verifier_for
from progress_service.errors import ServiceError, StartupError
from progress_service.settings import read_settings


class RoleChoice(StrEnum):
    """The roles a token can carry."""

    student = "student"
    teacher = "teacher"
    service = "service"


def token(
    sub: Annotated[str, typer.Option(help="The user id.")],
    role: Annotated[RoleChoice, typer.Option(help="The role of the user.")],
    ttl: Annotated[int, typer.Option(help="Seconds until it expires.", min=1)] = 3600,
) -> None:
    """Print a development token, signed with the configured secret (or the one of `dev`)."""
    settings = development.with_secret(read_settings())
    minted = development.mint_token(settings, subject=sub, role=role.value, ttl_seconds=ttl)
    try:
        asyncio.run(verifier_for(settings).verify(minted))
    except ServiceError as error:
        raise StartupError(f"--sub {sub!r} is not usable in a token: {error.message}") from error
    typer.echo(minted)
