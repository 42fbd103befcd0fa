"""Additions of `dev`: a persistent secret, the demo course, and a banner with tokens."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.demo.course import COURSE, COURSE_ID, SANDBOX, STUDENT_ID, TEACHER_ID
from progress_service.edge.configured import claim_names_for
from progress_service.edge.key_set import HMAC
from progress_service.edge.token_verifier import Role, mint
from progress_service.errors import Conflict, StartupError
from progress_service.mongo.client import Database
from progress_service.mongo.private_folder import make_private
from progress_service.settings import Settings

TOKEN_SECONDS = 7 * 86_400
SECRET_FILE = "jwt-secret"  # noqa: S105 - the name of the file, not a secret


def persistent_secret(data_dir: Path) -> str:
    """The development secret in *data_dir*: generated once, readable by its owner only.

    Raises:
        StartupError: the folder cannot be written.
    """
    path = data_dir / SECRET_FILE
    try:
        make_private(data_dir)
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as error:
        raise StartupError(
            f"The development secret cannot be stored in {path} ({error.strerror}); "
            "set PROGRESS_DATA_DIR to a writable folder."
        ) from error


def with_secret(settings: Settings) -> Settings:
    """*settings*, with the persistent secret if they have none.

    Raises:
        StartupError: the secret cannot be stored.
    """
    if settings.jwt_secret is not None:
        return settings
    return settings.with_values(jwt_secret=persistent_secret(settings.data_dir))


def mint_token(settings: Settings, *, subject: str, role: Role, ttl_seconds: int) -> str:
    """A token signed with the configured secret.

    Raises:
        StartupError: the settings have no secret that could sign it.
    """
    algorithm = next((a for a in settings.jwt_algorithms if a in HMAC), None)
    if settings.jwt_secret is None or algorithm is None:
        raise StartupError("Only HS* tokens can be minted here; set PROGRESS_JWT_SECRET.")
    secret = settings.jwt_secret.get_secret_value()
    return mint(
        subject=subject,
        role=role,
        secret=secret,
        algorithm=algorithm,
        ttl_seconds=ttl_seconds,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        claim_names=claim_names_for(settings),
    )


async def seed(database: Database) -> str | None:
    """Store the demo course and the enrolment of its student, whose progress stays.

    Returns:
        Why it could not be stored; ``None`` if it was.
    """
    catalog = CatalogService(
        CoursesStore(database), EnrollmentsStore(database), CatalogCache(), clock=Clock()
    )
    try:
        for course in (COURSE, SANDBOX):
            await catalog.put_course(course, teacher_id=None)
    except Conflict as error:
        return f"The demo course is left out. {error.message}"
    await catalog.enroll(COURSE_ID, [STUDENT_ID], teacher_id=None)
    return None


def banner(settings: Settings, address: str) -> str:
    """The addresses, and tokens for a student, a second device of that student, and a teacher."""
    address += settings.root_path
    lines = [
        "",
        f"  Demo page   {address}/",
        f"  API docs    {address}/docs",
        f"  Data        {_where(settings)}",
        "",
    ]
    return "\n".join([*lines, *_tokens(settings), "  Ctrl-C stops everything; the data stays.", ""])


def _tokens(settings: Settings) -> list[str]:
    if not HMAC & set(settings.jwt_algorithms):
        return ["  Tokens must be signed with the private key that belongs to your settings.", ""]
    lines = ["  Tokens, valid for a week; paste one into the demo page or into Authorize on /docs:"]
    people: tuple[tuple[str, str, Role], ...] = (
        (f"student {STUDENT_ID}", STUDENT_ID, "student"),
        (f"student {STUDENT_ID}, second device", STUDENT_ID, "student"),
        (f"teacher {TEACHER_ID}", TEACHER_ID, "teacher"),
    )
    for number, (label, subject, role) in enumerate(people):
        # One second less each, so that the two devices of one student get different tokens.
        ttl = TOKEN_SECONDS - number
        lines += [
            "",
            f"  {label}:",
            mint_token(settings, subject=subject, role=role, ttl_seconds=ttl),
        ]
    return [*lines, ""]


def _where(settings: Settings) -> str:
    if settings.mongodb_uri is None:
        return f"{settings.data_dir} (a private mongod; the data stays between runs)"
    return "the database of PROGRESS_MONGODB_URI"
