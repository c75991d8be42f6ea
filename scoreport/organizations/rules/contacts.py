"""The contact on file of an organization: who gets its access codes by email, and when not; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.organizations.rules.codes import Recipient

CONTACT_WAIT: Final = timedelta(hours=72)
"""A contact whom program staff named gets no codes for this time, so that the former one can object."""
STAFF_WAIT: Final = timedelta(days=365)
"""People who were program staff get no code and redeem none for this time after their role ended."""


class ContactProblem(StrEnum):
    """Why no code can be emailed to the contact on file."""

    MISSING = "missing"
    NEW = "new"
    """Program staff named this contact less than 72 hours ago."""
    STAFF = "staff"
    """The address belongs to a person who is, or was within a year, program staff."""


@dataclass(frozen=True, slots=True)
class ContactInfo:
    """The contact on file as those who issue codes see it; ``codes_from`` is set while the contact is new."""

    recipient: Recipient | None
    codes_from: datetime | None
    problem: ContactProblem | None


def contact_problem(
    email: str, *, codes_from: datetime | None, staff_addresses: frozenset[str], at: datetime
) -> ContactProblem | None:
    """Return why a code cannot be emailed to a contact at ``at``; None when it can."""
    if not email:
        return ContactProblem.MISSING
    if email in staff_addresses:
        return ContactProblem.STAFF
    if codes_from is not None and at < codes_from:
        return ContactProblem.NEW
    return None
