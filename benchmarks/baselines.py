"""Baselines: endpoints that store nothing, the obvious implementation, and a bare WebSocket.

Plain FastAPI as its manual shows it, with the same body model and the same tokens.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwt
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.write_concern import WriteConcern
from starlette.types import Receive, Scope, Send

from progress_service.progress.schemas import ReportBody

SECRET = os.environ.get("PROGRESS_JWT_SECRET", "")
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def student_of(bearer: Bearer) -> str:
    """The student of the token, which is verified at each call."""
    try:
        return str(jwt.decode(bearer.credentials, SECRET, algorithms=["HS256"])["sub"])
    except JWTError as error:
        raise HTTPException(401) from error


async def async_student_of(bearer: Bearer) -> str:
    """The same in the event loop: FastAPI runs plain functions in a thread."""
    return student_of(bearer)


Student = Annotated[str, Depends(async_student_of)]

noop = FastAPI()


@noop.get("/")
async def get_health() -> dict[str, str]:
    """The server is up."""
    return {"message": "up"}


@noop.post("/api/progress/video/{video_id}/watch-time")
async def store_nothing(video_id: str, body: ReportBody, student: Student) -> dict[str, str]:  # noqa: ARG001
    """Verify the token, validate the body, store nothing."""
    return {"message": "Watch time updated"}


@noop.get("/api/progress/video/{video_id}/status")
async def read_nothing(video_id: str, student: Student) -> dict[str, str]:  # noqa: ARG001
    """Verify the token, read nothing."""
    return {"message": "nothing"}


obvious = FastAPI()
obvious.get("/")(get_health)
_client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
    os.environ.get("PROGRESS_MONGODB_URI"), connect=False
)
_records = _client[os.environ.get("PROGRESS_MONGODB_DATABASE", "baseline")].get_collection(
    "watch_progress", write_concern=WriteConcern(w="majority", j=True)
)


@obvious.on_event("startup")
async def index() -> None:
    """Create the one index that this implementation requires too."""
    await _records.create_index([("student_id", 1), ("material_id", 1)], unique=True)


@obvious.post("/api/progress/video/{video_id}/watch-time")
async def find_upsert_find(video_id: str, body: ReportBody, student: Student) -> dict[str, str]:
    """Find, decide, upsert, and find again to read the result."""
    key = {"student_id": student, "material_id": video_id}
    stored = await _records.find_one(key) or {}
    now = datetime.now(UTC)
    percent = round(body.watch_time / body.total_duration * 100, 2)
    change = {
        "watch_time": body.watch_time,
        "total_duration": body.total_duration,
        "progress_percentage": percent,
        "last_watched": now,
        "completed_at": stored.get("completed_at") or (now if percent >= 80 else None),
    }
    await _records.update_one(key, {"$set": change}, upsert=True)
    await _records.find_one(key)
    return {"message": "Watch time updated"}


async def bare_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a WebSocket, respond to its first frame, and wait: the least a socket can cost."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": '{"type":"ready"}'})
        while (await receive())["type"] != "websocket.disconnect":
            pass
