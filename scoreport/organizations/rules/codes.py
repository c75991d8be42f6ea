"""Access codes: what they open, whether one still opens it, and how long wrong ones have to wait; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy

from scoreport.lib.clock import academic_year
from scoreport.organizations.rules.tree import OrganizationInfo

LENGTH: Final = 16
"""Symbols of a code: 15 random ones of 31 (74 bits) and one that finds slips."""
_HINT: Final = 4


class Tool(StrEnum):
    """What an access code opens. The stored value never changes.

    A code of Managing Access is used once and has no end (reference: college_board.md 3.6). Codes
    of the voucher tool will be for one academic year and for several people.
    """

    MANAGING_ACCESS = "managing-access"

    @property
    def label(self) -> str:
        """The tool's name, in the reader's language."""
        return str(_LABELS[self])


_LABELS = {Tool.MANAGING_ACCESS: gettext_lazy("Managing Access to support K–12 Assessment Reporting")}


class CodeState(StrEnum):
    """Where a code stands."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    OVER = "over"
    """Its academic year is not the present one."""


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """A code as people who issue codes see it; what it reads nobody sees again."""

    id: int
    organization_id: int
    tool: Tool
    hint: str
    year: int | None
    issued_at: datetime
    issued_by: str
    sent_to: str
    revoked_at: datetime | None
    revoked_by: str
    used_at: datetime | None
    used_by: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a code by mail: the contact on file, or somebody who asked for it; ``language`` "" is the usual one."""

    name: str
    email: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code at the one moment when it can be read; ``sent_to`` is empty unless a mail with it was written."""

    id: int
    organization: OrganizationInfo
    tool: Tool
    code: str
    hint: str
    sent_to: str


def last_four(code: str) -> str:
    """Return the last characters of a code, by which people tell codes apart."""
    return code[-_HINT:]


def state_of(*, year: int | None, revoked_at: datetime | None, used_at: datetime | None, today: date) -> CodeState:
    """Tell where a code stands on a day of its organization's."""
    if revoked_at is not None:
        return CodeState.REVOKED
    if used_at is not None:
        return CodeState.USED
    if year is not None and year != academic_year(today):
        return CodeState.OVER
    return CodeState.OPEN


def is_open(*, year: int | None, revoked_at: datetime | None, used_at: datetime | None, today: date) -> bool:
    """Tell whether a code opens its tool on a day of its organization's."""
    return state_of(year=year, revoked_at=revoked_at, used_at=used_at, today=today) is CodeState.OPEN


# --- Wrong codes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many wrong codes may follow each other at once, and how long the next ones have to wait."""

    free: int
    longest: timedelta


# A person slips now and then; the people of a school share an address and mistype on the same afternoon. Nobody
# guesses a code of 74 bits however fast: the waits keep the tries from being a burden, and make them show.
OF_ACCOUNT: Final = RateLimit(free=3, longest=timedelta(minutes=15))
OF_ADDRESS: Final = RateLimit(free=20, longest=timedelta(minutes=5))
# Strangers must not be able to keep an institution's own people waiting for long.
OF_ORGANIZATION: Final = RateLimit(free=30, longest=timedelta(minutes=1))

REMEMBERED: Final = timedelta(hours=24)
"""A wrong code counts for this long."""
_FIRST_WAIT: Final = timedelta(seconds=30)
_DOUBLINGS: Final = 10


def waits_until(wrong: Sequence[datetime], patience: RateLimit) -> datetime | None:
    """Return when the next code may be tried after wrong ones at these instants; None when at once.

    After as many wrong ones as are free: 30 seconds from the last of them, and with each further one
    twice as long, up to the longest. Only those of the last 24 hours count; the caller passes no others.
    """
    beyond = len(wrong) - patience.free
    if beyond < 0:
        return None
    wait = _FIRST_WAIT * (1 << min(beyond, _DOUBLINGS))
    return max(wrong) + min(wait, patience.longest)
