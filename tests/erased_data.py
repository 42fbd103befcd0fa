"""Looks for a text in everything that a database stores, whatever the fields are called."""

from __future__ import annotations

from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from progress_service.mongo.client import Database

MAX_KEYS = 100_000  # The keys of an index must fit into one response.
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


async def places_of(database: Database, text: str) -> list[str]:
    """The collections with a document that contains *text*, and indexes with such a key."""
    wanted, places = text.encode(), []
    for name in await database.list_collection_names():
        documents = database.get_collection(name, codec_options=RAW)
        async for document in documents.find({}):
            if wanted in document.raw:
                places.append(name)
                break
        for index in await database[name].index_information():
            command = {"find": name, "hint": index, "returnKey": True, "batchSize": MAX_KEYS}
            keys = await database.command(command, codec_options=RAW)
            if wanted in keys.raw:
                places.append(f"{name}.{index}")
    return places
