"""Documents of ``analytics_releases`` ↔ releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.cohort_suppression import KnownBounds
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.releases import Release
from progress_service.domain.snapshots import C, Snapshot
from progress_service.mongo.client import in_utc

Document = dict[str, Any]
AnyRelease = Release[ClassCounts] | Release[CourseCounts]


def to_document(release: AnyRelease) -> Document:
    """The fields of a stored release."""
    return {
        "definition_version": release.definition_version,
        "whole": asdict(release.whole),
        "cohorts": {name: asdict(each) for name, each in release.cohorts.items()},
        "known": {name: asdict(each) for name, each in release.known.items()},
    }


def to_release(document: Mapping[str, Any], counts: type[C]) -> Release[C]:
    """The release in a stored document, with that type of *counts*."""
    return Release(
        document["definition_version"],
        _snapshot(document["whole"], counts),
        {name: _snapshot(each, counts) for name, each in document["cohorts"].items()},
        {name: _known(each) for name, each in document.get("known", {}).items()},
    )


def _known(document: Mapping[str, Any]) -> KnownBounds:
    return KnownBounds(document["viewers"], tuple(document["least"]), tuple(document["most"]))


def _snapshot(document: Mapping[str, Any], counts: type[C]) -> Snapshot[C]:
    as_of = in_utc(document["as_of"])
    assert as_of is not None  # noqa: S101 - every snapshot has it
    values = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document["counts"].items()
    }
    return Snapshot(
        as_of,
        document["duration_seconds"],
        document["records"],
        counts(**values),
        document["others"],
        document.get("departed", 0),
        document.get("moved", 0),
    )
