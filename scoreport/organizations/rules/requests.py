"""Requests for access: what can be asked for, how often, and where a request stands; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.access import Role
from scoreport.organizations.rules.tree import OrganizationInfo

ASKS: Final = 10
"""Each request for a role writes to every access manager, so that one person sends no flood of them."""
ASKS_WITHIN: Final = timedelta(hours=24)


class Asked(StrEnum):
    """What somebody asks for."""

    CODE = "code"
    ROLE = "role"


class AnswerState(StrEnum):
    """Open → granted or declined, or withdrawn by whoever asked."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request as whoever asked, and whoever answers, sees it.

    ``organization`` is None where the institution is not on file; ``institution`` is then what they typed.
    """

    id: int
    asked_for: Asked
    person_id: int
    person: str
    email: str
    language: str
    organization: OrganizationInfo | None
    institution: str
    role: Role | None
    title: str
    why: str
    asked_at: datetime
    state: AnswerState
    answered_at: datetime | None
    answered_by: str
    answer: str

    @property
    def place_name(self) -> str:
        """The institution's name: on file, or as it was typed."""
        return self.organization.name if self.organization else self.institution
