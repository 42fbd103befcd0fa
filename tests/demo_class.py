"""The demo class in plain Python: its reports as request bodies, and what is counted of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from progress_service.demo.believable_class import Learner
from progress_service.demo.plans import DROP_OFFS, REPLAY_PEAK, PlantedPlace
from progress_service.demo.viewing import LENGTHS
from progress_service.domain.class_counts import ClassCounts, part_count
from tests.builders import NOON, wire
from tests.class_model import Learner as LearnerModel

UNTIL: datetime = NOON.replace(hour=0)
THRESHOLD_PERCENT = 80.0
ALL_PLACES = [*DROP_OFFS, REPLAY_PEAK]


def part_seconds(video_id: str) -> float:
    return LENGTHS[video_id] / part_count(LENGTHS[video_id])


def is_at(place: PlantedPlace, at_seconds: float) -> bool:
    """True if that is the part of *place*, or one beside it."""
    return abs(at_seconds - place.at_seconds) <= part_seconds(place.video_id)


def bodies_of(learners: Sequence[Learner], video_id: str) -> dict[str, list[dict[str, Any]]]:
    """The reports of each learner about one video."""
    return {
        learner.student_id: [
            {
                "watch_time": report.position_seconds,
                "total_duration": report.duration_seconds,
                "observed_at": wire(report.observed_at),
                "session_id": report.session_id,
                "device_id": report.device_id,
                "played": report.played,
                "played_seconds": report.played_seconds,
            }
            for visit in learner.visits
            if visit.material_id == video_id
            for report in visit.reports()
        ]
        for learner in learners
    }


def counts_of(learners: Sequence[Learner], video_id: str) -> ClassCounts:
    """The counts of the places that stand out."""
    length, size = LENGTHS[video_id], part_seconds(video_id)
    parts = range(part_count(length))
    bodies = [each for each in bodies_of(learners, video_id).values() if each]
    players = [LearnerModel(each, length, THRESHOLD_PERCENT) for each in bodies]
    viewers = [one for one in players if one.is_viewer]

    def sessions_with(one: LearnerModel, part: int) -> int:
        return sum(one.has_seen(spans, part, size) for _, spans in one.sessions.values())

    def has_left_in(one: LearnerModel, part: int) -> bool:
        return not one.is_completed and min(int(one.position / size), parts[-1]) == part

    return ClassCounts(
        enrolled=len(learners),
        viewers=len(viewers),
        completed=sum(one.is_completed for one in players),
        completed_viewers=sum(one.is_completed for one in viewers),
        players=len(players),
        seen=tuple(sum(one.has_seen(one.spans, part, size) for one in viewers) for part in parts),
        heat=tuple(sum(sessions_with(one, part) for one in players) for part in parts),
        replayers=tuple(sum(sessions_with(one, part) > 1 for one in players) for part in parts),
        exits=tuple(sum(has_left_in(one, part) for one in viewers) for part in parts),
        survival=tuple(
            sum(one.furthest >= (part + 1) * size - 1e-9 for one in viewers) for part in parts
        ),
    )
