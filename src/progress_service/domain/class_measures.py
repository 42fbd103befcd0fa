"""The measures of a class and one video, computed from its counts and rounded for privacy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from progress_service.domain.catalog import Material
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.k_anonymity import KAnonymity
from progress_service.domain.resume import chapter_at
from progress_service.domain.turning_points import drop_offs, replay_peaks

DEFINITION_VERSION = 1  # Of what is counted; a release of another version is made again.


@dataclass(frozen=True, slots=True)
class Curves:
    """One number for each of the equal parts of the video, in order.

    ``retention``, ``survival`` and ``exits`` are shares of the viewers; ``heat`` and ``replays``
    count sessions.
    """

    part_seconds: float = 0.0
    retention: tuple[float, ...] = ()
    heat: tuple[int, ...] = ()
    replays: tuple[int, ...] = ()
    survival: tuple[float, ...] = ()
    exits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class DropOff:
    """Where viewers left; ``share`` is of those who were still there."""

    at_seconds: float
    viewers_lost: int
    share: float
    chapter: str | None


@dataclass(frozen=True, slots=True)
class ReplayPeak:
    """Where viewers played again; ``replays`` counts sessions beyond the first of a viewer."""

    at_seconds: float
    replays: int
    chapter: str | None


@dataclass(frozen=True, slots=True)
class VideoMeasures:
    """The published measures; ``None`` where nothing may be published, or nothing is there.

    Rates are 0 to 1, ``average_percentage_viewed`` is 0 to 100.
    """

    suppressed: bool = True
    enrolled: int | None = None
    viewers: int | None = None
    completed: int | None = None
    starts: int | None = None
    views: int | None = None
    watch_seconds_total: float | None = None
    average_watch_seconds_per_view: float | None = None
    average_watch_seconds_per_viewer: float | None = None
    average_percentage_viewed: float | None = None
    completion_rate_of_viewers: float | None = None
    completion_rate_of_enrolled: float | None = None
    curves: Curves = field(default_factory=Curves)
    drop_offs: tuple[DropOff, ...] = ()
    replay_peaks: tuple[ReplayPeak, ...] = ()


def measure(
    counts: ClassCounts, privacy: KAnonymity, *, duration_seconds: float, video: Material
) -> VideoMeasures:
    """The measures of *counts*, rounded by *privacy*; *video* names the chapters."""
    if not privacy.may_publish(counts.viewers):
        return VideoMeasures()
    viewers, views = privacy.count(counts.viewers), privacy.count(counts.views)
    seconds = privacy.total(counts.watch_seconds, unit=duration_seconds, learners=counts.players)
    viewed = privacy.share(counts.watched_shares, counts.viewers)
    part_seconds = duration_seconds / len(counts.seen) if counts.seen else 0.0
    return VideoMeasures(
        suppressed=False,
        enrolled=privacy.count(counts.enrolled),
        viewers=viewers,
        completed=privacy.count(counts.completed, of=counts.known),
        starts=privacy.count(counts.starts),
        views=views,
        watch_seconds_total=seconds,
        average_watch_seconds_per_view=_ratio(seconds, views),
        average_watch_seconds_per_viewer=_ratio(seconds, viewers),
        average_percentage_viewed=None if viewed is None else viewed * 100,
        completion_rate_of_viewers=privacy.share(counts.completed_viewers, counts.viewers),
        completion_rate_of_enrolled=privacy.share(counts.completed, counts.enrolled),
        curves=_curves(counts, privacy, part_seconds),
        drop_offs=_drop_offs(counts, privacy, part_seconds, video),
        replay_peaks=_replay_peaks(counts, privacy, part_seconds, video),
    )


def _ratio(total: float | None, number: int) -> float | None:
    return None if total is None or not number else total / number


def _curves(counts: ClassCounts, privacy: KAnonymity, part_seconds: float) -> Curves:
    def shares(curve: Sequence[int]) -> tuple[float, ...]:
        return tuple(privacy.share(number, counts.viewers) or 0.0 for number in curve)

    replays = _published_replays(counts, privacy)
    heat = counts.heat
    if privacy.k > 1:  # The difference of both must reveal no more than the replays.
        heat = tuple(
            privacy.count(seen, of=counts.viewers) + again
            for seen, again in zip(counts.seen, replays, strict=True)
        )
    return Curves(
        part_seconds=part_seconds,
        retention=shares(counts.seen),
        heat=heat,
        replays=replays,
        survival=shares(counts.survival),
        exits=shares(_published_exits(counts, privacy)),
    )


def _published_exits(counts: ClassCounts, privacy: KAnonymity) -> tuple[int, ...]:
    """Exits of at least k learners, if that leaves at least k others."""
    return tuple(
        left if privacy.may_publish(left) and privacy.may_publish(counts.viewers - left) else 0
        for left in counts.exits
    )


def _published_replays(counts: ClassCounts, privacy: KAnonymity) -> tuple[int, ...]:
    """Replays of at least k learners: one learner alone may have many."""
    return tuple(
        privacy.count(replays) if learners >= privacy.k else 0
        for replays, learners in zip(counts.replays, counts.replayers, strict=True)
    )


def _drop_offs(
    counts: ClassCounts, privacy: KAnonymity, part_seconds: float, video: Material
) -> tuple[DropOff, ...]:
    return tuple(
        DropOff(
            at_seconds=point.peak * part_seconds,
            viewers_lost=privacy.count(lost),
            share=privacy.share(lost, counts.still_there[point.first]) or 0.0,
            chapter=_chapter(video, point.peak * part_seconds),
        )
        for point in drop_offs(counts, k=privacy.k)
        for lost in [sum(counts.exits[point.first : point.end])]
    )


def _replay_peaks(
    counts: ClassCounts, privacy: KAnonymity, part_seconds: float, video: Material
) -> tuple[ReplayPeak, ...]:
    replays = _published_replays(counts, privacy)
    return tuple(
        ReplayPeak(
            at_seconds=point.peak * part_seconds,
            replays=replays[point.peak],
            chapter=_chapter(video, point.peak * part_seconds),
        )
        for point in replay_peaks(counts, k=privacy.k)
        if replays[point.peak]
    )


def _chapter(video: Material, position_seconds: float) -> str | None:
    chapter = chapter_at(video, position_seconds)
    return chapter.title if chapter else None
