"""Opens, pings and closes the database; translates driver errors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from progress_service.errors import ServiceError, StartupError, Unavailable
from progress_service.mongo.driver import MAX_POOL_SIZE, MotorClient, MotorDatabase
from progress_service.mongo.erased_students import ErasedStudents
from progress_service.mongo.error_counts import count_error
from progress_service.mongo.primary_attempts import PrimaryAttempts, primary_of
from progress_service.mongo.reads import FailoverReader, cause_of
from progress_service.observability.logging import get_logger
from progress_service.pacing import Gate

MAX_BULK_READS = 8  # Of many records each; the other connections are for short calls.
OPERATION_SECONDS = 5.0  # Client 10 s > service 6 s > driver 5 s.
CONNECT_SECONDS = 2.0
PING_SECONDS = 1.0
CLOSE_SECONDS = 1.0

TOLERANT: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=False,  # aware ones take twice as long to read
    # One date that Python cannot represent, or one malformed text, must not fail a whole read.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)
log = get_logger("mongo")


class Database(MotorDatabase[dict[str, Any]]):
    """Motor's database, with failover reads, a bound on large ones, and the erased students."""

    def __init__(self, client: MotorClient[dict[str, Any]], name: str) -> None:
        super().__init__(
            client,
            name,
            codec_options=TOLERANT,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )
        self.reads = FailoverReader(self)
        self.bulk_reads = Gate(MAX_BULK_READS)
        topology = client.delegate
        self.attempts = PrimaryAttempts(lambda: primary_of(topology.topology_description))
        self.erased = ErasedStudents(self, self.attempts)


def in_utc(moment: datetime | None) -> datetime | None:
    """A time as the database gives it, aware."""
    # `moment.replace(tzinfo=UTC)` takes four times as long, and a response has hundreds.
    return datetime.combine(moment, moment.time(), UTC) if moment is not None else None


@asynccontextmanager
async def open_database(
    uri: str, name: str, *, listeners: Sequence[CommandListener] = ()
) -> AsyncIterator[Database]:
    """The database *name* at *uri*, with journaled majority writes, majority reads and deadlines.

    Args:
        uri: of the replica set or sharded cluster.
        name: of the database.
        listeners: observe each command, on the threads of the driver.

    Raises:
        StartupError: the address is not usable.
    """
    try:
        client: MotorClient[dict[str, Any]] = MotorClient(
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
            event_listeners=listeners,
        )
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise StartupError(
            # The driver's message may hold a part of the address, and so of the password.
            f"PROGRESS_MONGODB_URI is not a usable address ({type(error).__name__}); "
            "it looks like mongodb://host:27017/?replicaSet=rs0."
        ) from error
    try:
        yield Database(client, name)
    finally:
        await _close(client)


async def _close(client: MotorClient[dict[str, Any]]) -> None:
    """Close *client*; an unresponsive primary must not delay the stop."""
    closing = threading.Thread(target=client.delegate.close, daemon=True)
    closing.start()
    await asyncio.to_thread(closing.join, CLOSE_SECONDS)


async def responds(database: Database) -> bool:
    """True when the database responds to a ping within a second."""
    try:
        await asyncio.wait_for(database.command("ping"), PING_SECONDS)
    except (PyMongoError, TimeoutError):
        return False
    return True


@contextmanager
def driver_errors(operation: str) -> Iterator[None]:
    """Translate driver errors into `Unavailable`: the outcome is unknown, not "not saved"."""
    try:
        yield
    except PyMongoError as error:
        raise unavailable(error, operation=operation) from error


def unavailable(error: Exception, *, operation: str) -> ServiceError:
    """The `Unavailable` for a driver *error*, which is logged and counted once."""
    count_error(error)
    log.warning(
        "database_failed", operation=operation, error=type(error).__name__, cause=cause_of(error)
    )
    return Unavailable("The database does not respond. Try again shortly; repeating is harmless.")
