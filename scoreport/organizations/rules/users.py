"""Who has access to an organization, as the page of its users shows it; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scoreport.access import Role
from scoreport.organizations.rules.ends import WARN_DAYS, is_unused
from scoreport.organizations.rules.tree import OrganizationInfo


class Shown(StrEnum):
    """Which roles a list shows."""

    ACTIVE = "active"
    ENDING = "ending"
    UNUSED = "unused"
    OVER = "over"


class Order(StrEnum):
    """What a list of roles is sorted by."""

    NAME = "name"
    ROLE = "role"
    ORGANIZATION = "organization"
    GRANTED = "granted"
    ENDS = "ends"
    USED = "used"


@dataclass(frozen=True, slots=True)
class UsersQuery:
    """What is asked of a list of roles."""

    shown: Shown = Shown.ACTIVE
    role: Role | None = None
    search: str = ""
    with_under: bool = False
    order: Order = Order.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One role that a person holds or held at an organization; ``today`` is the day where that is.

    It does not say when the person signed in, which access managers must not learn.
    """

    id: int
    person_id: int
    name: str
    email: str
    role: Role
    organization: OrganizationInfo
    granted_by: str
    granted_at: datetime
    granted_on: date
    ends_on: date
    last_used_on: date | None
    revoked_at: datetime | None
    revoked_by: str
    today: date

    @property
    def days_left(self) -> int:
        """How many days it opens something after today; negative when it is over."""
        return (self.ends_on - self.today).days

    @property
    def is_active(self) -> bool:
        """Whether it opens anything today."""
        return self.revoked_at is None and self.days_left >= 0

    @property
    def is_ending(self) -> bool:
        """Whether people are warned of its end by now."""
        return self.is_active and self.days_left <= WARN_DAYS[0]

    @property
    def is_unused(self) -> bool:
        """Whether it is suggested for removal."""
        return self.is_active and is_unused(
            self.role, granted_on=self.granted_on, last_used_on=self.last_used_on, today=self.today
        )


@dataclass(frozen=True, slots=True)
class UsersPage:
    """A part of a list of roles, and how many there are in all."""

    rows: tuple[HeldRole, ...]
    total: int


@dataclass(frozen=True, slots=True)
class UserCounts:
    """How many roles are active at a place, ending soon, unused, and over, and how many active ones of each kind."""

    active: int
    ending: int
    unused: int
    over: int
    by_role: dict[Role, int]

    def of(self, shown: Shown) -> int:
        """Return the number of one list."""
        return {
            Shown.ACTIVE: self.active,
            Shown.ENDING: self.ending,
            Shown.UNUSED: self.unused,
            Shown.OVER: self.over,
        }[shown]
