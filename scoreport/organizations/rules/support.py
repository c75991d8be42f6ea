"""Support access: for how long it may be given, and where it stands at an instant; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.organizations.rules.tree import OrganizationInfo

# Trust decision 2: granted by the institution, for a ticket, read-only, eight hours at most.
MOST_HOURS: Final = 8
LONGEST_TICKET: Final = 60
LONGEST_REASON: Final = 500


class SupportState(StrEnum):
    """Waiting for one of the program staff → open → over (ended by somebody, or by its time)."""

    WAITING = "waiting"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class SupportInfo:
    """One leave to look: for which ticket, by whom and until when, and who of the program staff has it."""

    id: int
    organization: OrganizationInfo
    ticket: str
    reason: str
    granted_by: str
    granted_at: datetime
    ends_at: datetime
    staff_id: int | None
    staff: str
    begun_at: datetime | None
    ended_at: datetime | None
    ended_by: str

    def state(self, at: datetime) -> SupportState:
        """Tell where it stands at an instant; the instant at which it ends is outside."""
        if self.ended_at is not None or at >= self.ends_at:
            return SupportState.OVER
        return SupportState.WAITING if self.begun_at is None else SupportState.OPEN

    @property
    def acting_for(self) -> str:
        """How events name it beside the one of the program staff who looks."""
        return f"request {self.ticket}, {self.organization.code}"


def end_after(at: datetime, hours: int) -> datetime | None:
    """Return when support access of so many hours ends; None where nobody may give it for so long."""
    return at + timedelta(hours=hours) if 1 <= hours <= MOST_HOURS else None
