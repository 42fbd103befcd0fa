"""Results that do not fit into one batch of the database: over 16 MB, or very many documents."""

from __future__ import annotations

from typing import Any

import pytest

from progress_service.mongo import reads
from progress_service.mongo.client import Database

MANY = 6_000
PADDING = "x" * 4_000  # 24 MB in all
NAMES = [f"video-{number:05}" for number in range(MANY)]


@pytest.fixture
async def large(database: Database) -> Database:
    """A collection with more documents of one student than a batch can hold."""
    documents = [{"student_id": "ana", "material_id": name, "padding": PADDING} for name in NAMES]
    await database["large"].insert_many(documents)
    await database["large"].create_index([("student_id", 1), ("material_id", 1)])
    return database


async def test_find_reads_more_than_one_batch(large: Database):
    found = await large.reads.find("large", {"student_id": "ana"})

    assert sorted(document["material_id"] for document in found) == NAMES


async def test_aggregate_reads_more_than_one_batch(large: Database):
    found = await large.reads.aggregate("large", [{"$match": {"student_id": "ana"}}])

    assert sorted(document["material_id"] for document in found) == NAMES


@pytest.mark.parametrize("page_documents", [999, 3_000, 5_999, 6_000, 6_001, 10_000])
async def test_pages_have_each_document_once_in_order(
    page_documents: int, large: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reads, "PAGE_DOCUMENTS", page_documents)
    found: list[str] = []

    async for page in large.reads.find_pages(
        "large", {"student_id": "ana"}, page_by="material_id", readers=["ana"]
    ):
        assert len(page) <= page_documents
        found += [document["material_id"] for document in page]

    assert found == NAMES


async def test_pages_continue_after_keys_that_are_not_text(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reads, "PAGE_DOCUMENTS", 2)
    keys: list[Any] = [None, 1, 2.5, "a", "b", "c"]
    await database["odd"].insert_many([{"student_id": "ana", "material_id": key} for key in keys])

    found = [
        document["material_id"]
        async for page in database.reads.find_pages(
            "odd", {"student_id": "ana"}, page_by="material_id"
        )
        for document in page
    ]

    assert [key for key in found if isinstance(key, str)] == ["a", "b", "c"]


async def test_cursors_are_closed(large: Database):
    await large.reads.find("large", {"student_id": "ana"})
    async for _page in large.reads.find_pages(
        "large", {"student_id": "ana"}, page_by="material_id"
    ):
        pass

    idle = {"$match": {"type": "idleCursor", "ns": f"{large.name}.large"}}
    stages: list[dict[str, Any]] = [{"$currentOp": {"idleCursors": True}}, idle]
    assert await large.client.admin.aggregate(stages).to_list(None) == []
