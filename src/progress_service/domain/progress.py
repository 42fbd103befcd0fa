"""A report of a player, and the progress that is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from progress_service.domain.intervals import EPSILON_SECONDS, Span, clip_spans
from progress_service.errors import Invalid
from progress_service.plausible_time import is_plausible

Kind = Literal["heartbeat", "pause", "seek", "restart", "ended", "flush"]

MAX_DURATION_SECONDS = 86_400.0  # A day; a longer "video" is an error in units.
MAX_PLAYED_SECONDS = 10_000_000.0  # Sixteen weeks in one session; real ones are shorter.
MAX_PLAYED_SPANS = 200
LOW_POSITION_SECONDS = 3.0  # Players report 0 while they load or unload; only `restart` is meant.
DURATION_TOLERANCE_PERCENT = 2.0  # Two encodings of one clip differ by some frames…
DURATION_TOLERANCE_SECONDS = 5.0  # …and short clips by more than their share.
ROUNDING_SECONDS = 1.0  # Players round a position up beyond the end, and stop short of it.
PERCENT_EPSILON = 1e-9  # 28.56 of 35.7 is exactly 80 %, and slightly less in binary.


@dataclass(frozen=True, slots=True)
class Report:
    """What a player reports of a video. All values are absolute, so a repeat is harmless.

    Up to a second beyond the length is rounding, and is clipped. ``plays_to_end`` is true where the
    player's own length ends, which may be shorter than the catalogue's.

    Raises:
        Invalid: values that contradict each other; it names the field of this class.
    """

    position_seconds: float
    duration_seconds: float
    observed_at: datetime
    kind: Kind = "heartbeat"
    device_id: str | None = None
    session_id: str | None = None
    played: tuple[Span, ...] = ()
    played_seconds: float | None = None
    plays_to_end: bool = False

    def __post_init__(self) -> None:
        duration = self.duration_seconds
        if not 0 < duration <= MAX_DURATION_SECONDS:
            raise Invalid.field("duration_seconds", "must be above 0 and at most 86400 seconds")
        limit = duration + ROUNDING_SECONDS
        if not 0 <= self.position_seconds <= limit:
            raise Invalid.field(
                "position_seconds",
                "must lie between 0 and the length; send seconds, not milliseconds",
            )
        if len(self.played) > MAX_PLAYED_SPANS:
            raise Invalid.field("played", f"at most {MAX_PLAYED_SPANS} spans in one report")
        for index, (start, end) in enumerate(self.played):
            if not 0 <= start <= end <= limit:
                raise Invalid.field(
                    f"played.{index}",
                    "a span is [start, end] with 0 ≤ start ≤ end ≤ the length",
                )
        self._clip_rounding()

    def _clip_rounding(self) -> None:
        duration = self.duration_seconds
        if self.position_seconds > duration:
            object.__setattr__(self, "position_seconds", duration)
        if any(end > duration for _, end in self.played):
            object.__setattr__(self, "played", clip_spans(self.played, end_seconds=duration))

    @property
    def percent(self) -> float:
        """The playhead over the length, 0–100. The last second of a video counts as its end."""
        if self._is_in_last_second:
            return 100.0
        return self.position_seconds / self.duration_seconds * 100

    @property
    def is_deliberate(self) -> bool:
        """False for a position near the start without a `restart`: any other report wins."""
        return self.kind == "restart" or self.position_seconds >= LOW_POSITION_SECONDS

    def reaches(self, threshold_percent: float) -> bool:
        """True from exactly *threshold_percent* on, and at the end whatever the threshold."""
        return self.plays_to_end or self.percent >= threshold_percent - PERCENT_EPSILON

    @property
    def _is_in_last_second(self) -> bool:
        left_seconds = self.duration_seconds - self.position_seconds
        return self.position_seconds > 0 and left_seconds <= ROUNDING_SECONDS + EPSILON_SECONDS

    def with_plausible_time(self, now: datetime) -> Report:
        """The same report with a plausible time: whole milliseconds, from 2015 to now.

        Up to five seconds ahead is ordinary drift and stays, so that a repeat is identical.
        """
        at = self.observed_at
        if not is_plausible(at, now=now):
            at = now
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return self if at == self.observed_at else replace(self, observed_at=at)

    def with_catalog_duration(
        self,
        known_duration_seconds: float | None,
        *,
        earlier_durations: Iterable[float] = (),
    ) -> Report:
        """The same report by the length in the catalogue.

        A player may still have a file of one of *earlier_durations*: what it reports is clipped to
        today's length, and its end is not today's.

        Raises:
            Invalid: ``duration_mismatch`` when the client's length contradicts it: a wrong length
                would complete a video.
        """
        known, reported = known_duration_seconds, self.duration_seconds
        if known is None:
            known = reported
        if _is_same_length(reported, known):
            return self._with_end(known)
        if any(_is_same_length(reported, earlier) for earlier in earlier_durations):
            return self._clipped_to(known)
        raise Invalid.field(
            "duration_seconds",
            f"is {reported:g} s, but the catalogue says {known:g} s; send the length of this video",
            code="duration_mismatch",
        )

    def _with_end(self, duration_seconds: float) -> Report:
        """Clipped to that length; the end of the player's own length is its end.

        A player that ended stands as far from the catalogue's end as it stands from its own.
        """
        own_seconds = self.duration_seconds
        if self.kind == "ended":
            if own_seconds - self.position_seconds <= _tolerance_seconds(own_seconds):
                at_end = self._clipped_to(duration_seconds)
                missing_seconds = max(0.0, duration_seconds - own_seconds)
                position = min(self.position_seconds + missing_seconds, duration_seconds)
                return replace(at_end, position_seconds=position, plays_to_end=True)
        elif own_seconds == duration_seconds:
            return self
        return replace(self._clipped_to(duration_seconds), plays_to_end=self._is_in_last_second)

    def _clipped_to(self, duration_seconds: float) -> Report:
        return replace(
            self,
            position_seconds=min(self.position_seconds, duration_seconds),
            duration_seconds=duration_seconds,
            played=clip_spans(self.played, end_seconds=duration_seconds),
        )

    @property
    def furthest_seconds(self) -> float:
        """The furthest position that this session has reached."""
        return max([self.position_seconds, *(end for _, end in self.played)])


def _is_same_length(reported: float, known: float) -> bool:
    if reported == known:
        return True
    off_seconds, allowed = abs(reported - known), _tolerance_seconds(known)
    return off_seconds <= allowed or math.isclose(off_seconds, allowed)


def _tolerance_seconds(duration_seconds: float) -> float:
    return max(duration_seconds * DURATION_TOLERANCE_PERCENT / 100, DURATION_TOLERANCE_SECONDS)


@dataclass(frozen=True, slots=True)
class DevicePosition:
    """The newest position that one device reported."""

    device_id: str
    position_seconds: float
    observed_at: datetime
    session_id: str | None = None
    played_seconds: float | None = None
    furthest_seconds: float | None = None
    is_playing: bool = False


class Progress(NamedTuple):
    """What is stored of one student and one material. Empty until the first report.

    ``watched_spans`` and ``devices`` are there only when they were read. A named tuple, which is
    created four times as fast: courses are read by the hundred.
    """

    material_id: str
    position_seconds: float = 0.0
    duration_seconds: float = 0.0
    percent: float = 0.0
    furthest_percent: float = 0.0
    observed_at: datetime | None = None
    completed_at: datetime | None = None
    watched_seconds: float = 0.0  # media seconds really played, each counted once
    watched_spans: tuple[Span, ...] = ()
    devices: tuple[DevicePosition, ...] = ()  # the newest first
    stored_at: datetime | None = None
    unmarked_at: datetime | None = None  # nothing up to then completes it
    furthest_since_unmark_percent: float = 0.0
    is_shortened: bool = False  # the position was beyond today's end

    @property
    def reached_percent(self) -> float:
        """The furthest percentage that may still complete: an unmark forgets all before it."""
        if self.unmarked_at is None:
            return self.furthest_percent
        return self.furthest_since_unmark_percent

    @property
    def is_completed(self) -> bool:
        """True once a report reached the threshold, or the student marked it."""
        return self.completed_at is not None

    @property
    def device_position(self) -> DevicePosition | None:
        """Of the device that set the stored position; ``None`` when it sent no device id."""
        newest = self.devices[0] if self.devices else None
        if newest is None or newest.observed_at != self.observed_at:
            return None
        return newest if newest.position_seconds == self.position_seconds else None

    @property
    def position_device_id(self) -> str | None:
        """The device that the position comes from, if it sent its id."""
        return self.device_position.device_id if self.device_position else None
