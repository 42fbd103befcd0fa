"""Files of ended workers are merged, and folders do not outlive their service."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from progress_service.observability import shared_metrics
from progress_service.observability.metrics import in_ticks

SECONDS = st.lists(st.floats(0, 10_000, allow_nan=False), max_size=50)


def write(path: Path, **values: float) -> None:
    file = MmapedDict(str(path))
    for name, value in values.items():
        file.write_value(mmap_key(name, name, [], [], "text"), value, 0.0)
    file.close()


@given(SECONDS, st.randoms(use_true_random=False))
def test_sum_of_ticks_is_the_same_in_any_order(seconds: list[float], random: object):
    ticks = [in_ticks(one) for one in seconds]
    shuffled = ticks.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    middle = len(shuffled) // 2
    assert sum(shuffled[:middle]) + sum(shuffled[middle:]) == sum(ticks)
    assert all(0 <= one - tick < 2**-20 for one, tick in zip(seconds, ticks, strict=True))


def test_counters_of_ended_workers_stay_and_their_gauges_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(shared_metrics.VARIABLE, str(tmp_path))
    (tmp_path / shared_metrics.LOCK).touch()
    write(tmp_path / "counter_7.db", a_total=3.0)
    write(tmp_path / "counter_8.db", a_total=4.0, b_total=1.0)
    write(tmp_path / "gauge_livesum_7.db", sockets=5.0)
    write(tmp_path / "gauge_livesum_8.db", sockets=6.0)
    before = shared_metrics.exposition()

    shared_metrics.add_to_ended(tmp_path, 7)
    assert b"a_total 7.0" in shared_metrics.exposition()
    shared_metrics.add_to_ended(tmp_path, 8)

    assert b"a_total 7.0" in before
    assert b"sockets 11.0" in before
    after = shared_metrics.exposition()
    assert b"a_total 7.0" in after
    assert b"b_total 1.0" in after
    assert b"sockets" not in after
    assert [path.name for path in tmp_path.glob("*.db")] == ["counter_ended.db"]


def test_worker_that_ended_before_it_wrote_anything_is_forgotten(tmp_path: Path):
    (tmp_path / shared_metrics.LOCK).touch()
    (tmp_path / "counter_7.db").touch()

    shared_metrics.add_to_ended(tmp_path, 7)

    assert not (tmp_path / "counter_7.db").exists()


def test_folder_is_removed_at_the_end_and_abandoned_ones_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shared_metrics, "IN_MEMORY", tmp_path)
    abandoned = tmp_path / f"{shared_metrics.PREFIX}abandoned"
    abandoned.mkdir()
    (abandoned / shared_metrics.OWNER).touch()
    foreign = tmp_path / f"{shared_metrics.PREFIX}foreign"
    foreign.mkdir()

    with shared_metrics.created_folder() as created:
        assert shared_metrics.folder() == created
        assert not abandoned.exists()
        with shared_metrics.created_folder():  # of another service
            assert created.exists()

    assert not created.exists()
    assert shared_metrics.folder() is None
    assert foreign.exists()
