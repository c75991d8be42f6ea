"""Actors, roles and permissions, and the one function that decides.

The four K-12 roles are independent and additive (reference: Managing Access, roles):
an access manager opens no report by that role alone; Detailed Reports opens rosters;
Summary Reports opens aggregates only; File Downloads opens raw files only.
A role at a district or a state reaches every organization under it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


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


class Role(StrEnum):
    """What a person is to an organization. The stored value never changes."""

    ACCESS_MANAGER = "access-manager"
    DETAILED_REPORTS = "detailed-reports"
    FILE_DOWNLOADS = "file-downloads"
    PROGRAM_STAFF = "program-staff"
    SUMMARY_REPORTS = "summary-reports"

    @property
    def label(self) -> str:
        """The field's own name of the role, in the reader's language."""
        return str(_ROLE_LABELS[self])


_ROLE_LABELS = {
    Role.ACCESS_MANAGER: gettext_lazy("Access Management/DAT (K–12)"),
    Role.DETAILED_REPORTS: gettext_lazy("Detailed Reports (K–12)"),
    Role.FILE_DOWNLOADS: gettext_lazy("File Downloads (K–12)"),
    Role.PROGRAM_STAFF: gettext_lazy("Program staff"),
    Role.SUMMARY_REPORTS: gettext_lazy("Summary Reports (K–12)"),
}


class Permission(StrEnum):
    """``<area>:<object>:<verb>``, alphabetical by value."""

    PEOPLE_GRANT = "organizations:membership:grant"
    STAFF_GRANT = "organizations:staff:grant"
    ORGANIZATIONS_LOAD = "organizations:tree:load"
    PEOPLE_MATCH = "people:match:decide"
    SCORES_FILE_HANDLE = "scores:file:handle"
    SCORES_EXPORT = "scores:roster:export"
    SCORES_ROSTER_READ = "scores:roster:read"
    SCORES_SUMMARY_READ = "scores:summary:read"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ACCESS_MANAGER: frozenset({Permission.PEOPLE_GRANT}),
    Role.DETAILED_REPORTS: frozenset(
        {Permission.SCORES_ROSTER_READ, Permission.SCORES_SUMMARY_READ, Permission.SCORES_EXPORT}
    ),
    Role.FILE_DOWNLOADS: frozenset(),
    Role.PROGRAM_STAFF: frozenset({Permission.SCORES_FILE_HANDLE, Permission.PEOPLE_MATCH}),
    Role.SUMMARY_REPORTS: frozenset({Permission.SCORES_SUMMARY_READ}),
}

# Pages behind these show more than one student, so they want a second factor
# (trust.md, decision 3).
MANY_STUDENTS = frozenset(
    {
        Permission.PEOPLE_MATCH,
        Permission.SCORES_EXPORT,
        Permission.SCORES_FILE_HANDLE,
        Permission.SCORES_ROSTER_READ,
    }
)


class ActorKind(StrEnum):
    """Where an act comes from."""

    PERSON = "person"
    COMMAND = "command"
    JOB = "job"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one organization; ``place`` None means the whole installation."""

    role: Role
    place: Place | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who reads or writes. Everything that permission, scope and audit need hangs on it."""

    kind: ActorKind
    name: str
    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    second_factor: bool = False
    address: str = field(default="", compare=False)
    acting_for: str = field(default="", compare=False)

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

    def __init__(self, message: str, *, needs_second_factor: bool = False) -> None:
        super().__init__(message)
        self.needs_second_factor = needs_second_factor


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
    return any(g.place is None or place is None or g.place.id in place.lineage for g in grants_for(actor, permission))


def require(actor: Actor, permission: Permission, place: Place | None = None) -> None:
    """Return when ``actor`` may do ``permission`` at ``place`` (None: anywhere at all).

    Raises :class:`NotAllowed` with a sentence for the person; with ``needs_second_factor`` when
    nothing but that is missing.
    """
    if not can(actor, permission, place):
        raise NotAllowed(_REFUSALS[permission]())
    if permission in MANY_STUDENTS and actor.kind is ActorKind.PERSON and not actor.second_factor:
        message = _("Pages with more than one student need a second factor. Set one up, then come back to this page.")
        raise NotAllowed(message, needs_second_factor=True)


_REFUSALS = {
    Permission.ORGANIZATIONS_LOAD: lambda: _("Only the operator of this installation may load organizations."),
    Permission.PEOPLE_GRANT: lambda: _(
        "Only an access manager of this organization, or of one above it, may hand out roles here."
    ),
    Permission.PEOPLE_MATCH: lambda: _("Only program staff may decide which records are one student."),
    Permission.STAFF_GRANT: lambda: _("Only the operator of this installation may make somebody program staff."),
    Permission.SCORES_EXPORT: lambda: _(
        "You need the Detailed Reports (K–12) role at this organization to export its roster. Ask your access manager."
    ),
    Permission.SCORES_FILE_HANDLE: lambda: _("Only program staff may handle score files."),
    Permission.SCORES_ROSTER_READ: lambda: _(
        "You need the Detailed Reports (K–12) role at this organization to see its students. Ask your access manager."
    ),
    Permission.SCORES_SUMMARY_READ: lambda: _(
        "You need the Detailed Reports (K–12) or Summary Reports (K–12) role at this organization"
        " to see its reports. Ask your access manager."
    ),
}
