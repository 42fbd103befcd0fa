"""What the learners of the demo class do, and the places that stand out because many do the same.

Of each twenty learners, every plan has one. So the places stand out in a class of forty as in one
of a thousand, whatever the seed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlantedPlace:
    """A place of a video that the analytics of the class should find."""

    video_id: str
    at_seconds: float


DROP_OFFS = (PlantedPlace("welcome", 38.0), PlantedPlace("state", 52.0))
"""Where 3 of 20 learners leave: early in "Three facts", and early in "Lifting state up"."""

REPLAY_PEAK = PlantedPlace("components", 28.0)
"""What 5 of 20 learners play again: the beginning of "Props"."""

FEWEST_STUDENTS = 40
"""With at least so many, the places are found with the default `ANALYTICS_MIN_LEARNERS`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one learner does, in this order; an empty plan is a learner who never starts.

    ``finishes`` are watched to the end. ``reads`` marks the reading list after the first of them.
    Then the learner leaves a video for good at ``leaves_at``, or somewhere in the video
    ``leaves``. ``replays`` is played again at last, and so is the whole video ``repeats``.
    """

    finishes: tuple[str, ...] = ()
    reads: bool = False
    leaves_at: PlantedPlace | None = None
    leaves: str | None = None
    replays: PlantedPlace | None = None
    repeats: str | None = None


_ONE, _TWO, _ALL = ("welcome",), ("welcome", "components"), ("welcome", "components", "state")

PLANS = (
    *[Plan(_ALL, reads=True, replays=REPLAY_PEAK)] * 4,
    *[Plan(_ALL, reads=True)] * 2,
    Plan(_ALL, replays=REPLAY_PEAK),
    Plan(_ALL, repeats="welcome"),
    *[Plan(leaves_at=DROP_OFFS[0])] * 3,
    *[Plan(_TWO, reads=True, leaves_at=DROP_OFFS[1])] * 2,
    Plan(_TWO, leaves_at=DROP_OFFS[1]),
    Plan(_TWO, leaves="state"),
    Plan(_ONE, leaves="components"),
    Plan(leaves="welcome"),
    Plan(_ONE, reads=True),
    Plan(_ONE),
    Plan(),
)
