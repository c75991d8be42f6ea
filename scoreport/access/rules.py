"""Actors, roles and permissions, and the one function that decides.

The four K-12 roles are independent and additive (reference: Managing Access, roles):
an access manager opens no report by that role alone; Detailed Reports opens rosters;
Summary Reports opens aggregates only; File Downloads opens raw files only.
A role at a district or a state reaches every organization under it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from scoreport.access.roles import (
    AS_GOOD_AS_MONEY,
    MANY_STUDENTS,
    ROLE_PERMISSIONS,
    SECOND_FACTOR,
    Permission,
    Role,
)
from scoreport.lib import clock


class PlaceKind(StrEnum):
    """What an organization is in the tree."""

    STATE = "state"
    DISTRICT = "district"
    SCHOOL = "school"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """An organization as access sees it: its id and the ids above it, the root first, itself last."""

    id: int
    kind: PlaceKind
    lineage: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes by number, and the students who are in them now. Read both when the actor is made."""

    ids: frozenset[int]
    students: frozenset[int]


@dataclass(frozen=True, slots=True)
class Students:
    """Students, by the number that lasts: a guardian's children, or the student."""

    ids: frozenset[int]

    @property
    def students(self) -> frozenset[int]:
        """The same as of :class:`Classes`."""
        return self.ids


type Reach = Place | Classes | Students
"""How far a role goes. Only a place has reports, rosters, people and files; the others open students one by one."""


class ActorKind(StrEnum):
    """Where an act comes from."""

    PERSON = "person"
    COMMAND = "command"
    JOB = "job"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role and how far it goes; a ``reach`` of None means the whole installation.

    ``membership_id`` and ``used_on`` tell which stored role it is and when it opened something last; a grant
    that comes from elsewhere (support access) has none. ``organization`` is what the packages above know of the place,
    where it was read together with the role. None of these makes two grants different.
    """

    role: Role
    reach: Reach | None
    membership_id: int | None = field(default=None, compare=False)
    used_on: date | None = field(default=None, compare=False)
    organization: object = field(default=None, compare=False, repr=False)

    @property
    def is_everywhere(self) -> bool:
        """Whether it reaches the whole installation."""
        return self.reach is None

    @property
    def place(self) -> Place | None:
        """The organization that it reaches, with those under it; None where it reaches none, or everything."""
        return self.reach if isinstance(self.reach, Place) else None

    @property
    def students(self) -> frozenset[int]:
        """The students whom it reaches one by one, wherever they are."""
        return self.reach.students if isinstance(self.reach, Classes | Students) else frozenset()

    def reaches(self, place: Place) -> bool:
        """Tell whether it reaches an organization: never through students who are there."""
        return self.is_everywhere or (self.place is not None and self.place.id in place.lineage)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who reads or writes. Everything that permission, scope and audit need hangs on it."""

    kind: ActorKind
    name: str
    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    second_factor: bool = False
    signed_in_at: datetime | None = field(default=None, compare=False)
    """When this session last proved who the person is: by signing in, or by confirming it again."""
    address: str = field(default="", compare=False)
    acting_for: str = field(default="", compare=False)
    session_id: int | None = field(default=None, compare=False)
    """The browser session in which a person acts, so that an event can say what else was done in it."""
    time_zone: str = field(default="", compare=False)
    """The zone of the highest organization at which the person has a role; empty where there is none."""

    def local(self, at: datetime) -> datetime:
        """Return an instant in the time zone of the person's organization, or unchanged where there is none."""
        return clock.local(at, self.time_zone) if self.time_zone else at

    @property
    def is_trusted(self) -> bool:
        """Whether this is the operator at the command line, or a job of the program's own.

        What runs for a person is bound to that person's roles, also when they have lost all of them.
        """
        return self.kind in {ActorKind.COMMAND, ActorKind.JOB} and self.person_id is None


class Refused(Exception):
    """Something was not done; the message is a sentence fit for whoever asked for it.

    Every package's refusals descend from it, so that each delivery turns them into its own
    kind of answer in one place.
    """


class NotFound(Refused):
    """There is no such thing that the actor may see.

    What belongs to others and what does not exist are told in the same words.
    """


class NotAllowed(Refused):
    """The actor may not do this."""

    def __init__(self, message: str, *, needs_second_factor: bool = False, needs_fresh_sign_in: bool = False) -> None:
        super().__init__(message)
        self.needs_second_factor = needs_second_factor
        self.needs_fresh_sign_in = needs_fresh_sign_in


ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS, name="anonymous")


def command(name: str) -> Actor:
    """Return the operator at the command line, named by the command; whoever may run it owns the data."""
    return Actor(kind=ActorKind.COMMAND, name=f"scoreport {name}")


def job(name: str) -> Actor:
    """Return a background job that finishes what an allowed act has begun."""
    return Actor(kind=ActorKind.JOB, name=name)


def grants_for(actor: Actor, permission: Permission) -> tuple[Grant, ...]:
    """Return the actor's grants that carry ``permission``, wherever they are."""
    return tuple(g for g in actor.grants if permission in ROLE_PERMISSIONS[g.role])


def can(actor: Actor, permission: Permission, place: Place | None = None) -> bool:
    """Tell whether ``actor`` may do ``permission`` at ``place`` (None: anywhere at all)."""
    if actor.is_trusted:
        return True
    return any(place is None or grant.reaches(place) for grant in grants_for(actor, permission))


def require(actor: Actor, permission: Permission, place: Place | None = None) -> None:
    """Return when ``actor`` may do ``permission`` at ``place`` (None: anywhere at all).

    Raises :class:`NotAllowed` with a sentence for the person; with ``needs_second_factor`` when
    nothing but that is missing.
    """
    if not can(actor, permission, place):
        raise NotAllowed(_REFUSALS[permission]())
    if permission in SECOND_FACTOR and actor.kind is ActorKind.PERSON and not actor.second_factor:
        raise NotAllowed(_factor_missing(permission), needs_second_factor=True)


def require_fresh_sign_in(actor: Actor, *, within: timedelta, at: datetime, reason: str = "") -> None:
    """Return when a person has signed in, or confirmed who they are, within this time (trust decision 9).

    ``reason`` is the sentence for the person where the data are not students'. Commands and jobs have nothing to
    confirm. Raises :class:`NotAllowed` with ``needs_fresh_sign_in``.
    """
    if actor.kind is not ActorKind.PERSON:
        return
    if actor.signed_in_at is None or at - actor.signed_in_at > within:
        message = reason or _("Confirm that it's you before you take out data of more than one student.")
        raise NotAllowed(message, needs_fresh_sign_in=True)


def _factor_missing(permission: Permission) -> str:
    if permission in MANY_STUDENTS:
        return _("Pages with more than one student need a second factor. Set one up, then come back to this page.")
    if permission in AS_GOOD_AS_MONEY:
        return _(
            "Ordering vouchers and seeing their codes needs two-step sign-in. Set it up, then come back to this page."
        )
    if permission is Permission.JOB_HANDLE:
        return _("This page needs a second factor. Set one up, then come back to it.")
    return _("Pages that manage access need a second factor. Set one up, then come back to this page.")


_REFUSALS = {
    Permission.ACCESS_CODE_ISSUE: lambda: _("Only program staff may issue access codes and answer who asks for one."),
    Permission.ACCESS_EXPORT: lambda: _(
        "Only an access manager of this organization, or of one above it, may take lists about its access out."
    ),
    Permission.ACCESS_READ: lambda: _(
        "Only an access manager of this organization, or of one above it, may see who has access here."
    ),
    Permission.CHAIN_ANCHOR: lambda: _("Only the operator of this installation may anchor the recorded events."),
    Permission.FEES_SET: lambda: _("Only the operator of this installation may set fees."),
    Permission.HELP_ANSWER: lambda: _("Only program staff may answer requests for help."),
    Permission.JOB_HANDLE: lambda: _("Only program staff may handle background jobs."),
    Permission.INCIDENT_REPORT: lambda: _("Only the operator of this installation may report on an incident."),
    Permission.HELP_FILES_EXPIRE: lambda: _("Only the operator of this installation may remove files of requests."),
    Permission.MAIL_HANDLE: lambda: _("Only the operator of this installation may handle mails."),
    Permission.PROVIDER_SET: lambda: _("Only the operator of this installation may set up sign-in services."),
    Permission.SUPPORT_BEGIN: lambda: _("Only program staff may use support access."),
    Permission.SCORES_CLAIM: lambda: _(
        "You need the Detailed Reports (K–12) role at this organization to look for missing scores."
        " Ask your access manager."
    ),
    Permission.SCORES_CLAIM_DECIDE: lambda: _("Only program staff may decide whose score a missing one is."),
    Permission.ORGANIZATIONS_LOAD: lambda: _("Only the operator of this installation may load organizations."),
    Permission.PEOPLE_GRANT: lambda: _(
        "Only an access manager of this organization, or of one above it, may hand out roles here."
    ),
    Permission.PEOPLE_MATCH: lambda: _("Only program staff may decide which records are one student."),
    Permission.REPORT_VIEW_KEEP: lambda: _(
        "You need the Detailed Reports (K–12) or Summary Reports (K–12) role at this organization"
        " to keep views of its reports. Ask your access manager."
    ),
    Permission.SECOND_FACTOR_RESET: lambda: _("Only the operator of this installation may reset two-step sign-in."),
    Permission.STAFF_GRANT: lambda: _("Only the operator of this installation may make somebody program staff."),
    Permission.SCORES_EXPORT: lambda: _(
        "You need the Detailed Reports (K–12) role at this organization to export its roster. Ask your access manager."
    ),
    Permission.SCORES_FILE_HANDLE: lambda: _("Only program staff may handle score files."),
    Permission.SCORES_ROSTER_READ: lambda: _(
        "You need the Detailed Reports (K–12) role at this organization to see its students. Ask your access manager."
    ),
    Permission.SCORES_WITHDRAW: lambda: _("Only program staff may withdraw and restore scores."),
    Permission.SCORES_SUMMARY_READ: lambda: _(
        "You need the Detailed Reports (K–12) or Summary Reports (K–12) role at this organization"
        " to see its reports. Ask your access manager."
    ),
    Permission.VOUCHERS_ORDER: lambda: _(
        "Only the CLEP coordinator of this organization, or the alternate coordinator, may order and void vouchers."
    ),
    Permission.VOUCHERS_READ: lambda: _(
        "Only the CLEP coordinators and the billing contact of this organization may see its voucher orders."
    ),
    Permission.VOUCHER_CODES_READ: lambda: _(
        "Only the CLEP coordinators of this organization may see the codes of its vouchers."
    ),
    Permission.VOUCHER_PROFILE_SET: lambda: _(
        "Only the CLEP coordinators of this organization may change its profile."
    ),
}
