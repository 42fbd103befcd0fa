"""The total of a course: examples and laws."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.catalog import Course, Material
from progress_service.domain.completion import summarize_course
from progress_service.domain.progress import Progress
from tests.builders import a_course, a_reading, a_video, at

records_of = st.builds(
    Progress,
    material_id=st.just(""),
    furthest_percent=st.integers(0, 7_999).map(lambda hundredths: hundredths / 100),
    observed_at=st.none() | st.integers(0, 1_000).map(at),
    completed_at=st.none() | st.integers(0, 1_000).map(at),
)
courses = st.lists(st.tuples(st.booleans(), st.none() | records_of), max_size=6).map(
    lambda parts: (
        Course(
            "react",
            "React",
            ("tom",),
            tuple(
                Material(f"material-{n}", f"Material {n}", required=required)
                for n, (required, _) in enumerate(parts)
            ),
        ),
        {
            f"material-{n}": record._replace(material_id=f"material-{n}")
            for n, (_, record) in enumerate(parts)
            if record is not None
        },
    )
)
Known = tuple[Course, dict[str, Progress]]


def completed(material_id: str, seconds: float = 0) -> Progress:
    return Progress(material_id, completed_at=at(seconds), observed_at=at(seconds))


def test_total_of_four_completed_and_one_at_55_percent_of_ten_is_45_5():
    ids = [f"video-{n}" for n in range(10)]
    records = {i: completed(i) for i in ids[:4]} | {ids[4]: Progress(ids[4], furthest_percent=55.0)}

    totals = summarize_course(a_course("react", *(a_video(i) for i in ids)), records)

    assert totals.overall_percent == 45.5
    assert totals.total == 10
    assert totals.completed_ids == tuple(ids[:4])


def test_total_of_a_course_without_materials_is_zero():
    totals = summarize_course(Course("react", "React", ("tom",)), {})

    assert (totals.overall_percent, totals.completed_at) == (0, None)


def test_total_counts_all_materials_when_none_is_required():
    optional = [a_video("one", required=False), a_reading("notes", required=False)]
    course = a_course("react", *optional)

    half = summarize_course(course, {"one": completed("one")})
    everything = summarize_course(course, {"one": completed("one"), "notes": completed("notes")})

    assert (half.overall_percent, half.completed_at) == (50, None)
    assert everything.overall_percent == 100
    assert everything.completed_at is not None


def counted(course: Course) -> list[str]:
    """The materials in the total: the required ones, or all if none is required."""
    required = [m.material_id for m in course.materials if m.required]
    return required or [m.material_id for m in course.materials]


@given(known=courses)
def test_total_is_between_0_and_100(known: Known):
    assert 0 <= summarize_course(*known).overall_percent <= 100


@given(known=courses)
def test_total_is_100_exactly_when_all_required_materials_are_completed(known: Known):
    course, records = known
    required = counted(course)
    all_completed = bool(required) and all(
        i in records and records[i].completed_at is not None for i in required
    )

    totals = summarize_course(course, records)

    assert (totals.overall_percent == 100) is all_completed
    assert (totals.completed_at is not None) is all_completed


@given(known=courses)
def test_total_is_the_mean_of_the_required_materials(known: Known):
    course, records = known
    required = counted(course)
    if not required:
        return
    points = [
        0.0
        if i not in records
        else 100.0
        if records[i].completed_at
        else records[i].furthest_percent
        for i in required
    ]

    total = summarize_course(course, records).overall_percent

    assert total == pytest.approx(sum(points) / len(points), abs=0.0101)


@given(known=courses, seed=st.integers(0, 2**32))
def test_total_does_not_depend_on_the_order_of_the_course(known: Known, seed: int):
    course, records = known
    materials = list(course.materials)
    random.Random(seed).shuffle(materials)

    other = summarize_course(replace(course, materials=tuple(materials)), records)

    totals = summarize_course(course, records)
    assert other.overall_percent == totals.overall_percent
    assert sorted(other.completed_ids) == sorted(totals.completed_ids)
    assert other.completed_at == totals.completed_at


@given(known=courses, position=st.integers(0, 5))
def test_total_never_falls_when_a_material_is_completed(known: Known, position: int):
    course, records = known
    if position >= len(course.materials):
        return
    one = course.materials[position].material_id

    more = summarize_course(course, {**records, one: completed(one)})

    assert more.overall_percent >= summarize_course(course, records).overall_percent


@given(known=courses)
def test_total_never_rises_when_a_material_is_added(known: Known):
    course, records = known
    longer = replace(course, materials=(*course.materials, a_reading("new")))

    assert (
        summarize_course(longer, records).overall_percent
        <= summarize_course(course, records).overall_percent
    )


@given(known=courses)
def test_total_ignores_records_of_other_courses(known: Known):
    course, records = known

    assert summarize_course(
        course, {**records, "foreign": completed("foreign")}
    ) == summarize_course(course, records)


@given(known=courses)
def test_completed_ids_are_in_course_order(known: Known):
    course, records = known
    order = [m.material_id for m in course.materials]

    ids = summarize_course(course, records).completed_ids

    assert list(ids) == sorted(ids, key=order.index)


def test_total_never_rounds_up_to_100():
    ids = [f"video-{n}" for n in range(300)]
    records = {i: completed(i) for i in ids[:-1]}
    records[ids[-1]] = Progress(ids[-1], furthest_percent=99.99)

    totals = summarize_course(a_course("react", *(a_video(i) for i in ids)), records)

    assert totals.overall_percent == 99.99


def test_course_is_completed_with_its_last_material():
    course = a_course("react", a_video("intro"), a_reading("notes"))

    totals = summarize_course(
        course, {"intro": completed("intro", 60), "notes": completed("notes", 20)}
    )

    assert totals.completed_at == at(60)
