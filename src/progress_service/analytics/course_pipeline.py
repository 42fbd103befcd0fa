"""Aggregation stages that reduce the records of a course to one document for each learner."""

from __future__ import annotations

from collections.abc import Sequence

from progress_service.analytics.pipelines import IS_VIEWER, Stages, foreign_apart
from progress_service.domain.catalog import Course
from progress_service.mongo.expressions import Expression
from progress_service.progress.completion import completed_by_rule


def reduce_learners(course: Course, student_ids: Sequence[str]) -> Stages:
    """Stages over ``watch_progress``; a document for each learner with a record in the course.

    ``_id`` is the student; ``percent`` the sum over the materials that count; ``done`` how many of
    these are completed; ``completed_at`` the newest completion of these, and ``any_completed_at``
    of all; ``has_started``, ``last_watched`` and ``stored_at``; ``foreign`` the materials with a
    record that another program wrote, which is not counted.
    """
    of_course = {"$in": list(course.by_id)}
    counts = {"$in": ["$material_id", list(course.counted_ids)]}
    is_video = {"$in": ["$material_id", list(course.video_ids)]}
    below = {"$cond": [is_video, {"$round": [{"$ifNull": ["$furthest_percentage", 0]}, 2]}, 0]}
    is_done = {"$and": [counts, {"$gt": ["$done_at", None]}]}
    return [
        {"$match": {"student_id": {"$in": list(student_ids)}, "material_id": of_course}},
        *foreign_apart(),
        {
            "$project": {
                "student_id": 1,
                "material_id": 1,
                "is_foreign": 1,
                "furthest_percentage": 1,
                "last_watched": 1,
                "stored_at": 1,
                "is_viewer": IS_VIEWER,
                "done_at": {"$ifNull": ["$completed_at", _completed_by_rule(course)]},
            }
        },
        {
            "$group": {
                "_id": "$student_id",
                "percent": {
                    "$sum": {"$toDouble": {"$cond": [is_done, 100, {"$cond": [counts, below, 0]}]}},
                },
                "done": {"$sum": {"$cond": [is_done, 1, 0]}},
                "completed_at": {"$max": {"$cond": [counts, "$done_at", None]}},
                "any_completed_at": {"$max": "$done_at"},
                "has_started": {"$max": "$is_viewer"},
                "last_watched": {"$max": "$last_watched"},
                "stored_at": {"$max": "$stored_at"},
                "foreign": {"$push": {"$cond": ["$is_foreign", "$material_id", "$$REMOVE"]}},
            }
        },
    ]


def _completed_by_rule(course: Course) -> Expression:
    """By the threshold of the material; most courses have one for all."""
    by_threshold: dict[str, tuple[Expression, list[str]]] = {}
    for material_id in course.video_ids:
        threshold = course.thresholds[material_id]
        expression = completed_by_rule(threshold)
        by_threshold.setdefault(repr(threshold), (expression, []))[1].append(material_id)
    branches = [
        {"case": {"$in": ["$material_id", ids]}, "then": expression}
        for expression, ids in by_threshold.values()
    ]
    return {"$switch": {"branches": branches, "default": None}} if branches else None
