"""Reads the text of ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]
Samples = dict[Series, float]


def series(name: str, **labels: str) -> Series:
    """The key of one series in `samples_of`."""
    return name, frozenset(labels.items())


def samples_of(text: str) -> Samples:
    """The value of each series."""
    return {
        series(sample.name, **sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counters_of(text: str) -> Samples:
    """The values of series that only grow: counters, and histograms."""
    return {
        series(sample.name, **sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        if family.type in {"counter", "histogram"}
        for sample in family.samples
    }


def fallen(before: Mapping[Series, float], after: Mapping[Series, float]) -> list[Series]:
    """The series with a smaller value *after* than *before*, or with none."""
    return [one for one, value in before.items() if after.get(one, -1.0) < value]


def scrape(address: str) -> str:
    """The text of ``/metrics``, over a new connection: any worker may accept it."""
    response = httpx.get(f"{address}/metrics", timeout=30, trust_env=False, verify=False)
    response.raise_for_status()
    return response.text


def value_of(address: str, name: str, **labels: str) -> float | None:
    """The value of one series now."""
    return samples_of(scrape(address)).get(series(name, **labels))


def families_of(text: str) -> Iterable[Any]:
    """The metric families, with their types and samples."""
    return text_string_to_metric_families(text)
