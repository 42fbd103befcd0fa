"""The one way to the database: open, ping, close; driver errors become ours.

Motor is named here and in the stores. Its calls run on a thread pool whose size is read from the
environment when Motor is imported, so this module sets it first.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

MAX_POOL_SIZE = 64
os.environ.setdefault("MOTOR_MAX_WORKERS", str(MAX_POOL_SIZE))  # fewer threads than sockets stall

from bson.codec_options import CodecOptions, DatetimeConversion  # noqa: E402
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase  # noqa: E402
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError  # noqa: E402
from pymongo.read_concern import ReadConcern  # noqa: E402
from pymongo.write_concern import WriteConcern  # noqa: E402

from progress_service.errors import ServiceError, StartupError, Unavailable  # noqa: E402
from progress_service.mongo.reads import Reads, cause_of  # noqa: E402
from progress_service.observability import get_logger  # noqa: E402
from progress_service.pacing import Gate  # noqa: E402

MAX_BULK_READS = 8  # Of many records each; the rest of the connections is for short calls.
OPERATION_SECONDS = 5.0  # Client 10 s > service 6 s > driver 5 s.
CONNECT_SECONDS = 2.0
PING_SECONDS = 1.0
CLOSE_SECONDS = 1.0

TOLERANT: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=False,  # aware ones take twice as long to read
    # One date that Python cannot hold, or one broken text, must not fail a whole answer.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)
log = get_logger("mongo")


class Database(AsyncIOMotorDatabase[dict[str, Any]]):
    """Motor's database, the reads that go on without a primary, and the gate of large ones."""

    def __init__(self, client: AsyncIOMotorClient[dict[str, Any]], name: str) -> None:
        super().__init__(
            client,
            name,
            codec_options=TOLERANT,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )
        self.reads = Reads(self)
        self.bulk_reads = Gate(MAX_BULK_READS)


def in_utc(moment: datetime | None) -> datetime | None:
    """A time as the database gives it, aware."""
    # `moment.replace(tzinfo=UTC)` takes four times as long, and there are hundreds in an answer.
    return datetime.combine(moment, moment.time(), UTC) if moment is not None else None


@asynccontextmanager
async def open_database(uri: str, name: str) -> AsyncIterator[Database]:
    """The database *name* at *uri*; journaled majority writes, majority reads, deadlines on all.

    Raises:
        StartupError: the address makes no sense.
    """
    try:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            uri,
            appname="progress-service",
            maxPoolSize=MAX_POOL_SIZE,
            waitQueueTimeoutMS=2_000,
            timeoutMS=int(OPERATION_SECONDS * 1_000),
            serverSelectionTimeoutMS=int(OPERATION_SECONDS * 1_000),
            connectTimeoutMS=int(CONNECT_SECONDS * 1_000),
            heartbeatFrequencyMS=5_000,
            retryWrites=True,
            retryReads=True,
        )
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise StartupError(
            f"PROGRESS_MONGODB_URI is not a usable address ({error}); "
            "it looks like mongodb://host:27017/?replicaSet=rs0."
        ) from error
    try:
        yield Database(client, name)
    finally:
        await _close(client)


async def _close(client: AsyncIOMotorClient[dict[str, Any]]) -> None:
    """Close *client*; a mute primary, which it takes leave of, must not hold up our stop."""
    closing = threading.Thread(target=client.delegate.close, daemon=True)
    closing.start()
    await asyncio.to_thread(closing.join, CLOSE_SECONDS)


async def answers(database: Database) -> bool:
    """True when the database answers a ping within a second."""
    try:
        await asyncio.wait_for(database.command("ping"), PING_SECONDS)
    except (PyMongoError, TimeoutError):
        return False
    return True


@contextmanager
def driver_errors(doing: str) -> Iterator[None]:
    """Turn what the driver raises inside into `Unavailable`: unknown, not "not saved"."""
    try:
        yield
    except PyMongoError as error:
        raise unavailable(error, doing=doing) from error


def unavailable(error: Exception, *, doing: str) -> ServiceError:
    """Our word for a driver *error*, logged once with its cause."""
    log.warning("database_failed", doing=doing, error=type(error).__name__, cause=cause_of(error))
    return Unavailable("The database does not answer. Try again shortly; repeating is harmless.")
