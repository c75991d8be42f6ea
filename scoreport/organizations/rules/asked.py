"""A request for a role as the access managers who answer it see it; pure."""

from dataclasses import dataclass
from datetime import date, datetime

from scoreport.access import Role
from scoreport.organizations.rules.requests import AnswerState
from scoreport.organizations.rules.tree import OrganizationInfo


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """Someone asks for a role at an organization; ``latest_end`` is the last day that it may be given until.

    ``code_hint`` ends the access code that was redeemed with it; empty without one.
    """

    id: int
    name: str
    email: str
    title: str
    role: Role
    why: str
    organization: OrganizationInfo
    asked_at: datetime
    state: AnswerState
    answered_at: datetime | None
    answered_by: str
    answer: str
    latest_end: date
    person_id: int
    code_hint: str = ""
