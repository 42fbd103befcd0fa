"""The owner of ``webhooks``: receivers, with their sealed secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pymongo import ASCENDING

from progress_service.domain.webhooks import MAX_WEBHOOKS, Webhook
from progress_service.errors import Conflict
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.driver import Session
from progress_service.mongo.schema import WEBHOOKS
from progress_service.mongo.transactions import run_in_transaction
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.webhooks.documents import (
    Document,
    UnreadableWebhookError,
    to_document,
    to_webhook,
)

_BY_ID = [("_id", ASCENDING)]


class WebhooksStore:
    """Queries over ``webhooks``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._webhooks = database[WEBHOOKS]
        self._unreadable = UnreadableLog()

    async def find(self, webhook_id: str) -> Webhook | None:
        """The webhook with that id."""
        with driver_errors("find webhook"):
            found = await self._webhooks.find_one({"_id": webhook_id})
        return self._readable(found) if found else None

    async def page(self, *, after: str | None, limit: int) -> list[Webhook]:
        """Webhooks in the order of their ids, after the id *after*."""
        behind = {"$gt": after} if after is not None else {"$gte": ""}
        with driver_errors("list webhooks"):
            found = self._webhooks.find({"_id": behind}).sort(_BY_ID).limit(limit)
            documents = await found.to_list(None)
        return self._readable_of(documents)

    async def active(self) -> list[Webhook]:
        """The active webhooks."""
        with driver_errors("list active webhooks"):
            found = self._webhooks.find({"is_active": True}).limit(MAX_WEBHOOKS)
            documents = await found.to_list(None)
        return self._readable_of(documents)

    def _readable_of(self, documents: Sequence[Document]) -> list[Webhook]:
        webhooks = map(self._readable, documents)
        return [webhook for webhook in webhooks if webhook is not None]

    def _readable(self, document: Document) -> Webhook | None:
        """The webhook; ``None`` if the document is unreadable."""
        try:
            return to_webhook(document)
        except UnreadableWebhookError:
            self._unreadable.skipped(WEBHOOKS, document["_id"])
            return None

    async def insert(self, webhook: Webhook) -> bool:
        """Store a new webhook; false if there is one with its id.

        Raises:
            Conflict: there are `MAX_WEBHOOKS` already.
        """
        is_inserted = False

        async def insert(session: Session) -> None:
            nonlocal is_inserted
            is_inserted = await self._insert(webhook, session)

        with driver_errors("add webhook"):
            await run_in_transaction(self._database, insert)
        return is_inserted

    async def _insert(self, webhook: Webhook, session: Session) -> bool:
        key = {"_id": webhook.webhook_id}
        held = await self._webhooks.find_one(key, session=session)
        if held is not None and self._readable(held) is not None:
            return False
        await self._webhooks.delete_one(key, session=session)  # one that is unreadable
        if await self._webhooks.count_documents({}, session=session) >= MAX_WEBHOOKS:
            raise Conflict(
                f"There are {MAX_WEBHOOKS} webhooks, which is the limit. DELETE one first.",
                code="too_many_webhooks",
            )
        # Two transactions that both change this document conflict, so one of them runs again and
        # counts what the other has inserted.
        first = await self._webhooks.find_one({}, {"_id": 1}, sort=_BY_ID, session=session)
        if first is not None:
            change = {"$currentDate": {"inserted_beside_at": True}}
            await self._webhooks.update_one(first, change, session=session)
        await self._webhooks.insert_one(to_document(webhook), session=session)
        return True

    async def replace(self, webhook: Webhook) -> bool:
        """Store a changed webhook; false if another change since its revision was first."""
        changed = to_document(replace(webhook, revision=webhook.revision + 1))
        key = {"_id": changed.pop("_id"), "revision": webhook.revision}
        with driver_errors("change webhook"):
            result = await self._webhooks.update_one(key, {"$set": changed})
        return bool(result.matched_count)

    async def delete(self, webhook_id: str) -> bool:
        """Remove the webhook; false if there was none."""
        with driver_errors("delete webhook"):
            result = await self._webhooks.delete_one({"_id": webhook_id})
        return bool(result.deleted_count)
