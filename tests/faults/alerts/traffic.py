"""Learners who watch during the faults, and completions for the outbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt

from progress_service.testing import ServiceProcess
from tests.faults.learners import a_client
from tests.security.hostile_tokens import rsa_key
from tests.webhook_receiver import OK, responding

from .environment import KEY_ID, Environment

COURSE, VIDEO = "alerts", "alerts-video"
LEARNERS = 12
PAUSE_SECONDS = 0.5
WEBHOOK, GONE = "certificates", "gone"
DURATION_SECONDS = 600
EVENTS = ["video.completed"]
MATERIAL = {
    "material_id": VIDEO,
    "type": "video",
    "title": "Video",
    "duration_seconds": DURATION_SECONDS,
}


async def prepare_course(running: Environment) -> None:
    """A course with its learners, and a webhook that receives completions."""
    students = [f"learner-{number}" for number in range(LEARNERS)]
    students += [f"graduate-{number}" for number in range(40)]
    service = running.service
    async with a_client(service, service.headers("catalogue", "service")) as http:
        body: dict[str, Any] = {"title": "Alerts", "teacher_ids": [], "materials": [MATERIAL]}
        path = f"/api/catalog/courses/{COURSE}"
        (await http.put(path, json=body)).raise_for_status()
        enrolled = {"student_ids": students}
        (await http.put(f"{path}/enrollments", json=enrolled)).raise_for_status()
        body = {"url": running.receiver.url, "events": EVENTS, "is_active": True}
        response = await http.put(f"/api/webhooks/{WEBHOOK}", json=body)
        running.receiver.start(response.raise_for_status().json()["secret"])


async def deliver_to_one_that_is_gone(running: Environment) -> None:
    """Send a test event to a receiver that responds 410, and then works again."""
    receiver, service = running.gone, running.service
    receiver.respond = lambda _: responding(410)
    async with a_client(service, service.headers("catalogue", "service")) as http:
        body = {"url": receiver.url, "events": ["course.completed"], "is_active": True}
        (await http.put(f"/api/webhooks/{GONE}", json=body)).raise_for_status()
        (await http.post(f"/api/webhooks/{GONE}/test")).raise_for_status()
        await receiver.wait_for_count(1)
    receiver.respond = lambda _: OK


async def complete_at_side(running: Environment, student: str) -> None:
    """A record of this student in the database of the second instance."""
    service = running.side
    async with a_client(service, service.headers("catalogue", "service")) as http:
        path = f"/api/catalog/courses/{COURSE}"
        body: dict[str, Any] = {"title": "Alerts", "teacher_ids": [], "materials": [MATERIAL]}
        (await http.put(path, json=body)).raise_for_status()
        (await http.put(f"{path}/enrollments/{student}")).raise_for_status()
    async with a_client(service, service.headers(student)) as http:
        await _report(http, DURATION_SECONDS)


async def complete(service: ServiceProcess, students: range) -> None:
    """Let these graduates complete the video: an event each."""
    for number in students:
        student = f"graduate-{number}"
        async with a_client(service, service.headers(student)) as http:
            await _report(http, DURATION_SECONDS, played=[[0, DURATION_SECONDS]])


@asynccontextmanager
async def learners(running: Environment) -> AsyncIterator[None]:
    """Learners with tokens of the service and of the provider report until the block ends."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_watch(running.service, number)) for number in range(LEARNERS)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _watch(service: ServiceProcess, number: int) -> None:
    student = f"learner-{number}"
    headers = service.headers(student) if number else provider_headers(student)
    async with a_client(service, headers) as http:
        position = 0
        while True:
            position = (position + 1) % DURATION_SECONDS
            with suppress(httpx.HTTPError):  # A fault: the next report has a newer position.
                await _report(http, position)
            await asyncio.sleep(PAUSE_SECONDS)


async def _report(http: httpx.AsyncClient, position: int, **more: Any) -> None:
    body = {"watch_time": position, "total_duration": DURATION_SECONDS, **more}
    (await http.post(f"/api/progress/video/{VIDEO}/watch-time", json=body)).raise_for_status()


def provider_headers(student: str) -> dict[str, str]:
    """A token that the identity provider has signed."""
    now = int(time.time())
    claims = {"sub": student, "role": "student", "iat": now, "exp": now + 7_200}
    key = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})
    return {"Authorization": f"Bearer {token}"}
