"""Whom did it touch: what is asked after something went wrong, and the answer by organizations; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from scoreport.audit.rules import Verb
from scoreport.organizations.rules import OrganizationInfo


class Touch(StrEnum):
    """How somebody came to see a student's data."""

    STUDENT = "student-page"
    ROSTER = "roster"
    EXPORT = "export"
    FILE = "score-file"
    QUESTION = "matching"


TOUCH_OF: Final[Mapping[str, Touch]] = {
    Verb.STUDENT_VIEWED.value: Touch.STUDENT,
    Verb.ROSTER_VIEWED.value: Touch.ROSTER,
    Verb.ROSTER_EXPORTED.value: Touch.EXPORT,
    Verb.ROSTER_PRINTED.value: Touch.EXPORT,
    Verb.DOWNLOAD_OPENED.value: Touch.EXPORT,
    Verb.FILE_ROWS_VIEWED.value: Touch.FILE,
    Verb.FILE_ROWS_EXPORTED.value: Touch.FILE,
    Verb.MATCHES_VIEWED.value: Touch.QUESTION,
}
"""The events by which students' data were seen or taken out; any other event that names a student counts as well."""


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """A stretch of time (its end is outside), and what narrows it: the actor, an organization.

    ``actor`` is a part of a name or address that the person has now or had in any event.
    """

    first: datetime
    end: datetime
    actor: str = ""
    organization: OrganizationInfo | None = None


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A file that was taken out: by whom, when, what it is called, how many rows."""

    at: datetime
    actor: str
    address: str
    organization: str
    name: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class TouchedPlace:
    """A school, or nothing where no school is known, with how many of its students were touched and by what."""

    organization: OrganizationInfo | None
    students: Mapping[int, frozenset[Touch]]
    events: int
    actors: tuple[str, ...]

    def count(self, touch: Touch) -> int:
        """Return how many students were touched in one way."""
        return sum(touch in ways for ways in self.students.values())


@dataclass(frozen=True, slots=True)
class Incident:
    """The answer: who acted, whom it touched, what left the program."""

    query: IncidentQuery
    events: int
    actors: Mapping[str, int]
    places: tuple[TouchedPlace, ...]
    taken_out: tuple[TakenOut, ...]
    score_files: tuple[int, ...]

    @property
    def students(self) -> int:
        """How many students, each counted once."""
        return len({number for place in self.places for number in place.students})


@dataclass(frozen=True, slots=True)
class Affected:
    """A student in a list for their school or district; ``student`` is a public id."""

    student: str
    last_name: str
    first_name: str
    birth_date: str
    ways: tuple[Touch, ...]
