"""Reads and writes courses as JSON, one material at a time: a course may have 8 MiB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from progress_service.catalog.schemas import CourseBody, MaterialBody, to_material
from progress_service.domain.catalog import MAX_MATERIALS, Course, Material
from progress_service.edge.concurrency import LARGE_BODY_BYTES
from progress_service.edge.json_body import holds_few_values, read_as, without_mark
from progress_service.edge.problems import MAX_FIELDS_NAMED, fields_of
from progress_service.errors import FieldError, Invalid
from progress_service.pacing import paced


async def read_course(raw: bytes, course_id: str) -> Course:
    """The course that a body describes.

    Args:
        raw: the JSON text.
        course_id: the id in the path.

    Raises:
        Invalid: not JSON, or it does not match the schema; names each field.
    """
    body, materials = await _read(raw)
    if body.course_id not in (None, course_id):
        raise Invalid.field("course_id", "must be the id of the path, or left out")
    course = body.to_course(course_id)
    return replace(course, materials=tuple(materials)) if materials else course


async def _read(raw: bytes) -> tuple[CourseBody, list[Material]]:
    """The body; if it is large, its materials are read separately, and left out of it."""
    if len(raw) < LARGE_BODY_BYTES or not holds_few_values(CourseBody, raw):
        return read_as(CourseBody, raw), []
    found = _as_object(raw)
    listed = found.get("materials") if found is not None else None
    if found is None or not isinstance(listed, list) or len(listed) > MAX_MATERIALS:
        return read_as(CourseBody, raw), []  # raises, and names what is wrong
    body = read_as(CourseBody, to_json({**found, "materials": []}))
    return body, await _materials(listed)


def _as_object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        found = from_json(without_mark(raw), cache_strings="keys")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def _materials(listed: list[Any]) -> list[Material]:
    materials: list[Material] = []
    errors: list[FieldError] = []
    async for index, one in paced(enumerate(listed)):
        try:
            materials.append(to_material(MaterialBody.model_validate(one)))
        except ValidationError as error:
            where = f"materials.{index}"
            errors += [
                replace(field, field=where if field.field == "body" else f"{where}.{field.field}")
                for field in fields_of(error)
            ]
            if len(errors) >= MAX_FIELDS_NAMED:
                break
    if errors:
        raise Invalid.fields(errors[:MAX_FIELDS_NAMED])
    return materials


async def course_json(course: Course) -> bytes:
    """The JSON of `CourseResponse`."""
    head = {
        "course_id": course.course_id,
        "title": course.title,
        "teacher_ids": course.teacher_ids,
        "complete_at_percent": course.complete_at_percent,
    }
    materials = [to_json(_wire(material)) async for material in paced(course.materials)]
    return to_json(head)[:-1] + b',"materials":[' + b",".join(materials) + b"]}"


def _wire(material: Material) -> dict[str, Any]:
    """The fields of `MaterialBody`; the other fields of a material are internal."""
    return {name: getattr(material, name) for name in MaterialBody.model_fields}
