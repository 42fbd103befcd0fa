"""Which facts about learners the published numbers of a class and of its cohorts prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from progress_service.domain.course_counts import TENTHS
from tests.certain_facts import Key, Proofs
from tests.changing_class import PARTS, ChangingClass
from tests.published_evidence import DONE, Bounds, Seen

MOST_RELEASES = 20  # Compared with each other; with k = 5 there are hardly more.
COURSE = "course "


def proven_kinds(world: ChangingClass, found: Sequence[Seen]) -> Iterator[str]:
    """The kind of each proven fact: parts, exits, completions, and how far learners came."""
    video = _newest([each for each in found if not each.key[0].startswith(COURSE)])
    course = _newest([each for each in found if each.key[0].startswith(COURSE)])
    if video:
        yield from _of_video(Proofs(world, [each.key[1] for each in video]), video)
    everything = Proofs(world, [each.key[1] for each in (*video, *course)])
    completed = [(_key(each), each.left[DONE]) for each in (*video, *course)]
    yield from ("completion" for _ in everything.of(completed, is_kept=True))
    if course:
        yield from _of_course(Proofs(world, [each.key[1] for each in course]), course, world)


def _newest(found: Sequence[Seen]) -> list[Seen]:
    kept = sorted({each.key[1] for each in found})[-MOST_RELEASES:]
    return [each for each in found if each.key[1] in kept]


def _key(seen: Seen) -> Key:
    return seen.key[0].removeprefix(COURSE), seen.key[1]


def _of_video(proofs: Proofs, video: Sequence[Seen]) -> Iterator[str]:
    for part in range(PARTS):
        seen = [(each.key, each.seen[part]) for each in video]
        left = [(each.key, each.left[part]) for each in video]
        reached = [(each.key, each.reached[part]) for each in video]
        yield from ("part" for _ in proofs.of(seen, is_kept=True))
        yield from ("exit" for _ in proofs.of(left, is_kept=False))
        yield from ("reach" for _ in proofs.of(reached, is_kept=True))


def _of_course(proofs: Proofs, course: Sequence[Seen], world: ChangingClass) -> Iterator[str]:
    for tenth in range(1, TENTHS):
        inside = [(_key(each), each.tenths[tenth]) for each in course]
        yield from ("reach" for _ in proofs.of(inside, is_kept=False))
    for day in course[-1].completed_on:
        yield from ("day" for _ in _proven_on(day, course, world))


def _proven_on(day: str, course: Sequence[Seen], world: ChangingClass) -> set[str]:
    """Who certainly completed the course on that day: all who did anything then."""
    active = {e.learner for e in world.events if e.kind == "watch" and f"{e.at:%Y-%m-%d}" == day}
    proven: set[str] = set()
    for each in course:
        bounds: Bounds = each.completed_on.get(day, (0, 0))
        inside = active & each.plays.keys()
        if inside and bounds[0] >= len(inside):
            proven |= inside
    return proven
