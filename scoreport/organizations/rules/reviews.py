"""The yearly review of an organization's roles as pages show it; pure."""

from dataclasses import dataclass
from datetime import date, datetime

from scoreport.organizations.rules.tree import OrganizationInfo
from scoreport.organizations.rules.users import HeldRole


@dataclass(frozen=True, slots=True)
class ReviewInfo:
    """A review: open until somebody finishes it."""

    id: int
    organization: OrganizationInfo
    year: int
    opened_at: datetime
    due_on: date
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class ReviewedRole:
    """A role under review; ``keep`` is None until somebody has decided."""

    role: HeldRole
    keep: bool | None
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What finishing a review did."""

    kept: int
    dropped: int
