"""When and by whom the scenes of the story are played."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from scoreport.access import Actor
from scoreport.accounts.queries import person
from scoreport.cli.demo.people import BY_KEY
from scoreport.organizations.queries import actor_of

ADDRESS = "192.0.2.10"
"""Where everybody of the story sits (RFC 5737: nobody has this address)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens at an instant, which is handed to it."""

    at: dt.datetime
    play: Callable[[dt.datetime], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """The day and the instant at which the story is told, and who sees to it."""

    operator: Actor
    today: dt.date
    at: dt.datetime

    def ago(self, days: int, hour: int = 16, minute: int = 0) -> dt.datetime:
        """Return a time of a day, in UTC, one or more days before the story's: always before its present."""
        day = self.today - dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=dt.UTC)

    def actor(self, key: str, at: dt.datetime) -> Actor:
        """Return someone of the story as they may act at an instant, just signed in with a second factor."""
        number = person(BY_KEY[key].email).id
        return actor_of(number, second_factor=True, signed_in_at=at, address=ADDRESS, at=at)
