"""The driver: Motor, imported here and nowhere else.

Its calls run on a thread pool whose size Motor reads from the environment when it is imported.
With fewer threads than connections, quick reads wait behind writes that hang.
"""

from __future__ import annotations

import os

MAX_POOL_SIZE = 64
os.environ.setdefault("MOTOR_MAX_WORKERS", str(MAX_POOL_SIZE))

from motor.motor_asyncio import AsyncIOMotorClient as MotorClient  # noqa: E402
from motor.motor_asyncio import AsyncIOMotorClientSession as Session  # noqa: E402
from motor.motor_asyncio import AsyncIOMotorDatabase as MotorDatabase  # noqa: E402

__all__ = ["MAX_POOL_SIZE", "MotorClient", "MotorDatabase", "Session"]
