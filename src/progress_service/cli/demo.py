"""`seed`: the demo course, and a class that watches it, in PROGRESS_MONGODB_URI."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from progress_service import development
from progress_service.cli.database import reachable
from progress_service.cli.demo_class import store_class
from progress_service.clock import Clock
from progress_service.demo.believable_class import Learner, believable_class
from progress_service.errors import StartupError
from progress_service.mongo import schema
from progress_service.progress.upgrade import add_watched_seconds
from progress_service.settings import Settings, read_settings

StudentsOption = Annotated[
    int, typer.Option(help="Learners of a made-up class in the demo course.", min=0, max=10_000)
]
DaysOption = Annotated[
    int, typer.Option(help="For how many days the class has been watching.", min=1, max=365)
]
SeedOption = Annotated[int, typer.Option(help="Another number makes another class.")]


@dataclass(frozen=True, slots=True)
class DemoClass:
    """Which class to store in the demo course."""

    students: int
    days: int = 30
    seed: int = 7

    def learners(self, *, now: datetime) -> list[Learner]:
        """The learners, who watched up to the last midnight: the same ones all day."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return believable_class(self.students, days=self.days, seed=self.seed, until=midnight)


def seed(students: StudentsOption = 0, days: DaysOption = 30, seed: SeedOption = 7) -> None:
    """Store the demo course and its student's enrolment in PROGRESS_MONGODB_URI.

    With --students, also a class of learners demo-001, demo-002… who have watched its videos.
    Running it again adds learners that are missing, and leaves the others as they are.
    """
    demo_class = DemoClass(students, days=days, seed=seed)
    if missing := asyncio.run(store_demo(read_settings(), demo_class)):
        raise StartupError(missing)
    typer.echo("The demo course is stored.")
    if students:
        typer.echo(f"Its class has {students} learners.")


async def store_demo(settings: Settings, demo_class: DemoClass) -> str | None:
    """Store the demo course and *demo_class*.

    Returns:
        Why they could not be stored; ``None`` if they were.
    """
    async with reachable(settings) as database:
        await schema.prepare(database)
        await add_watched_seconds(database)
        if missing := await development.seed(database):
            return missing
        learners = demo_class.learners(now=Clock().now())
        await store_class(database, learners, default_percent=settings.complete_at_percent)
        return None
