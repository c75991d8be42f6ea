"""What needs a second person, who that may be, and how long an approval is good for; pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.access import Permission, Place

type Parameter = str | int | bool | None
type Parameters = Mapping[str, Parameter]

OPEN_FOR: Final = timedelta(days=7)
"""A request that nobody has answered expires after this time."""
USABLE_FOR: Final = timedelta(hours=24)
"""What was approved has to be done within this time."""


class ApprovalKind(StrEnum):
    """What is asked for. A stored value never changes."""

    CODE_DELIVERY = "code-delivery"
    CONTACT_CHANGE = "contact-change"
    FILE_ROWS = "file-rows"
    ROSTER_EXPORT = "roster-export"


APPROVERS: Final[dict[ApprovalKind, Permission]] = {
    ApprovalKind.CODE_DELIVERY: Permission.ACCESS_CODE_ISSUE,
    ApprovalKind.CONTACT_CHANGE: Permission.ACCESS_CODE_ISSUE,
    ApprovalKind.FILE_ROWS: Permission.SCORES_FILE_HANDLE,
    ApprovalKind.ROSTER_EXPORT: Permission.PEOPLE_GRANT,
}
"""The permission that the second person needs, at the place of the request. The operator has all of them."""


class ApprovalState(StrEnum):
    """Open → approved → used, or declined, withdrawn, expired."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ApprovalInfo:
    """A request for a second person's approval; ``parameters`` say exactly what was asked for."""

    id: int
    kind: ApprovalKind
    state: ApprovalState
    organization: str
    place: Place | None
    subject: str
    reason: str
    parameters: Parameters
    requested_by: str
    requested_by_id: int | None
    requested_at: datetime
    expires_at: datetime
    answered_by: str
    answered_at: datetime | None
    answer: str


def key_of(kind: ApprovalKind, organization: str, parameters: Parameters) -> str:
    """Return what identifies a request: the same act with other parameters needs an approval of its own."""
    text = json.dumps([kind.value, organization, dict(parameters)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def state_at(state: ApprovalState, expires_at: datetime, at: datetime) -> ApprovalState:
    """Return the state at ``at``: what is open or approved expires by itself."""
    lives = state in {ApprovalState.OPEN, ApprovalState.APPROVED}
    return ApprovalState.EXPIRED if lives and expires_at <= at else state
