"""Codes and kinds of organizations, and the day on which a role ends; pure.

An AI code (attending institution code, also CEEB or school code) has six digits and keeps
its leading zeros. 000003 and 000004 are not schools: they say "no high school code" for
domestic and international test takers (reference: college_board.md 2.2).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.access import Place, PlaceKind, Role
from scoreport.imports.problems import FileCause

AI_CODE = re.compile(r"\d{6}", re.ASCII)
NO_SCHOOL_CODES = frozenset({"000003", "000004"})
ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)

KIND_LABELS = {
    PlaceKind.STATE: gettext_lazy("State"),
    PlaceKind.DISTRICT: gettext_lazy("District"),
    PlaceKind.SCHOOL: gettext_lazy("School"),
    PlaceKind.OTHER: gettext_lazy("Organization"),
}

# A kind may stand under these kinds only; a root has no parent.
PARENT_KINDS: dict[PlaceKind, frozenset[PlaceKind]] = {
    PlaceKind.STATE: frozenset(),
    PlaceKind.DISTRICT: frozenset({PlaceKind.STATE, PlaceKind.OTHER}),
    PlaceKind.SCHOOL: frozenset({PlaceKind.DISTRICT, PlaceKind.STATE, PlaceKind.OTHER}),
    PlaceKind.OTHER: frozenset({PlaceKind.STATE, PlaceKind.DISTRICT, PlaceKind.OTHER}),
}


@dataclass(frozen=True, slots=True)
class OrganizationInfo:
    """An organization as pages and commands see it."""

    id: int
    code: str
    kind: PlaceKind
    name: str
    ai_code: str
    city: str
    state: str
    zip: str
    time_zone: str
    lineage: tuple[int, ...]

    @property
    def place(self) -> Place:
        """What access asks for."""
        return Place(id=self.id, kind=self.kind, lineage=self.lineage)

    @property
    def address(self) -> str:
        """How pages name it: by its AI code, which people know, or else by the operator's id."""
        return self.ai_code or self.code

    @property
    def label(self) -> str:
        """What tells it from others of its name: its kind, and its AI code or its town."""
        told = str(KIND_LABELS[self.kind])
        if self.ai_code:
            told += " · " + _("AI code %(code)s") % {"code": self.ai_code}
        elif self.city:
            told += f" · {self.city}"
        return told


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """One organization as a file tells it; ``line`` 0 means that it is stored already."""

    line: int
    kind: str
    code: str
    name: str
    parent: str
    ai_code: str
    city: str
    state: str
    zip: str
    time_zone: str
    contact_name: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: where, what stands there, and what to do."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a file of organizations did; ``touched`` are the ids of those that are new or other than before.

    ``file`` is the number by which it can be undone, ``held`` how many rows return to what a later file replaced.
    """

    file: int
    new: int
    changed: int
    same: int
    held: int
    ignored_columns: tuple[str, ...]
    notices: tuple[str, ...]
    touched: frozenset[int]
    causes: tuple[FileCause, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class SchoolRef:
    """Where a score belongs: the school of an AI code, what stands above it, and its time zone."""

    school_id: int
    district_id: int | None
    state_id: int | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Branch:
    """An organization in the tree, with what is under it: schools at any depth, and children at the first."""

    info: OrganizationInfo
    schools: int
    children: int


@dataclass(frozen=True, slots=True)
class OrganizationPage:
    """One page of a list of organizations."""

    rows: tuple[OrganizationInfo, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class MembershipInfo:
    """A role that somebody holds; no organization means the whole installation."""

    id: int
    person: str
    role: Role
    organization: str
    ends_on: date


def is_ai_code(value: str) -> bool:
    """Tell whether ``value`` has the shape of an AI code: six ASCII digits."""
    return AI_CODE.fullmatch(value) is not None


def lineage_text(ids: Iterable[int]) -> str:
    """Write ids from the root down as they are stored: ``1/5/9/``."""
    return "".join(f"{number}/" for number in ids)


def ids_of(lineage: str) -> tuple[int, ...]:
    """Read a stored lineage."""
    return tuple(int(number) for number in lineage.split("/") if number)


def reach_of(lineage: str) -> tuple[str, str]:
    """Return the first text of a lineage's subtree and the first one beyond it, in the order of bytes.

    Both databases answer such a range from the index; "0" is the byte that follows "/".
    """
    return lineage, f"{lineage[:-1]}0"


def role_end(today: date, *, years: int) -> date:
    """Return the day on which a role ends by default: 30 June, ``years`` after the next one."""
    next_one = date(today.year, 6, 30)
    if today > next_one:
        next_one = next_one.replace(year=today.year + 1)
    return next_one.replace(year=next_one.year + years)
