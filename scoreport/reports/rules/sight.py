"""Who can see whom, and why: what the pages about a person and about a student tell; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scoreport.access import Role
from scoreport.audit.rules import EventInfo
from scoreport.organizations.rules import OrganizationInfo


class SeesBy(StrEnum):
    """By what somebody sees a student."""

    ROLE = "role"
    SUPPORT = "support"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Seer:
    """Somebody who can see a student: by what, where, through which of the student's schools, until when."""

    person_id: int
    person: str
    by: SeesBy
    role: Role
    organization: OrganizationInfo | None
    schools: tuple[str, ...]
    granted_by: str
    ends_on: date | None
    ends_at: datetime | None
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class StudentSight:
    """A student as far as the reader's roles reach: who can see them, and at which schools."""

    public_id: str
    name: str
    schools: tuple[OrganizationInfo, ...]
    seers: tuple[Seer, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """An event by which somebody saw the student, or may have; from above when it names no school of theirs."""

    event: EventInfo
    organization: str
    is_from_above: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """A role of a person that reaches an institution, and how many of its students it opens."""

    role: Role
    organization: OrganizationInfo
    students: int
    is_from_above: bool
    granted_by: str
    granted_at: datetime
    ends_on: date | None
    ends_at: datetime | None
    is_active: bool
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class PersonSight:
    """A person as an institution's access managers see them: each role that reaches it, and what it opens."""

    person_id: int
    name: str
    email: str
    is_active: bool
    reaches: tuple[Reach, ...]
