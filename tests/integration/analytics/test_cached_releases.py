"""Releases are decoded once; one that another process replaced is read again."""

from __future__ import annotations

from progress_service.analytics.store import AnalyticsStore
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.releases import Release
from progress_service.domain.snapshots import Snapshot
from progress_service.mongo.client import Database
from tests.builders import at
from tests.conftest import Commands

VIDEOS = ["intro", "hooks"]


def a_release(viewers: int, *, seconds: int = 0) -> Release[ClassCounts]:
    return Release(1, Snapshot(at(seconds), 600.0, viewers, ClassCounts(viewers=viewers)))


async def viewers_in(store: AnalyticsStore) -> dict[str, int]:
    found = await store.videos("react", VIDEOS)
    return {mid: stored.release.whole.counts.viewers for mid, stored in found.items()}


async def test_unchanged_releases_are_not_read_again(commands: Commands, database: Database):
    store = AnalyticsStore(database)
    for material_id in VIDEOS:
        await store.replace("react", material_id, a_release(7), revision=0)
    first = await store.videos("react", VIDEOS)

    with commands.counted(database.name) as sent:
        again = await store.videos("react", VIDEOS)

    assert sent == ["find"]
    assert all(again[mid] is first[mid] for mid in VIDEOS)


async def test_release_that_another_process_replaced_is_read_again(database: Database):
    store, other = AnalyticsStore(database), AnalyticsStore(database)
    for material_id in VIDEOS:
        await store.replace("react", material_id, a_release(7), revision=0)
    assert await viewers_in(store) == {"intro": 7, "hooks": 7}

    await other.replace("react", "intro", a_release(9, seconds=1), revision=1)

    assert await viewers_in(store) == {"intro": 9, "hooks": 7}


async def test_release_of_a_rebuilt_collection_is_read_again(database: Database):
    """It counts its revisions from the start again."""
    store, other = AnalyticsStore(database), AnalyticsStore(database)
    await store.replace("react", "intro", a_release(7), revision=0)
    assert await viewers_in(store) == {"intro": 7}
    await database["analytics_releases"].drop()
    assert await viewers_in(store) == {}

    await other.replace("react", "intro", a_release(5, seconds=1), revision=0)

    assert await viewers_in(store) == {"intro": 5}
