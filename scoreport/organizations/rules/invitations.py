"""Invitations: how long they live, where they stand, and what may be asked for in one; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from scoreport.access import K12_ROLES, Role
from scoreport.organizations.rules.tree import OrganizationInfo
from scoreport.outbox.rules import MailState

LIFETIME: Final = timedelta(days=7)
"""From the sending of a link to its end (trust decision 4)."""

MOST_AT_ONCE: Final = 1_000
"""People in one list: enough for a district's counselors, little enough for one transaction."""

_LONGEST_ADDRESS: Final = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_LONGEST_NAME: Final = 200


class InvitationState(StrEnum):
    """Where an invitation stands, as whoever sent it sees it."""

    WAITING = "waiting"
    SENT = "sent"
    OPENED = "opened"
    BOUNCED = "bounced"
    UNBACKED = "unbacked"
    """Whoever sent it may not give access there any more: it opens nothing until somebody sends it again."""
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({InvitationState.ACCEPTED, InvitationState.CANCELLED})
"""What is history: neither sent again nor cancelled."""


class InvitationGroup(StrEnum):
    """A part of the list of invitations."""

    OUTSTANDING = "outstanding"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """What whoever holds a link is told. What does not exist is told like what has ended."""

    OPEN = "open"
    ELSEWHERE = "elsewhere"
    """It is open, but for somebody else than who is signed in."""
    ACCEPTED = "accepted"
    """It was accepted by the one who asks."""
    REPLACED = "replaced"
    CLOSED = "closed"


class Outlook(StrEnum):
    """What becomes of one line of a list of people."""

    NEW = "new"
    HELD = "held"
    OPEN = "open"
    REPEATED = "repeated"

    @property
    def is_sent(self) -> bool:
        """Whether a mail goes out for it."""
        return self is Outlook.NEW


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who is to be invited; ``line`` is where a list names them, 0 without one."""

    email: str
    name: str
    roles: tuple[Role, ...]
    ends_on: date
    line: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a list, and what becomes of it."""

    invitee: Invitee
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class InvitationInfo:
    """An invitation as pages see it; ``reason`` is what the mail server said when the mail came back."""

    id: int
    organization: OrganizationInfo
    email: str
    name: str
    roles: tuple[Role, ...]
    ends_on: date
    invited_by: str
    invited_at: datetime
    sent_at: datetime
    times_sent: int
    expires_at: datetime
    opened_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str
    cancelled_at: datetime | None
    cancelled_by: str
    state: InvitationState
    reason: str = ""

    @property
    def is_outstanding(self) -> bool:
        """Whether it may still be sent again or cancelled."""
        return self.state not in ENDED


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """One page of a list of invitations, and how many there are in each group."""

    rows: tuple[InvitationInfo, ...]
    total: int
    counts: dict[InvitationGroup, int]


@dataclass(frozen=True, slots=True)
class Landing:
    """What a link leads to; the invitation is there while it is open, and for who accepted it."""

    standing: Standing
    invitation: InvitationInfo | None = None


def is_alive(expires_at: datetime, at: datetime) -> bool:
    """Tell whether a link still opens something; the instant of its end is too late."""
    return at < expires_at


def state_of(
    *,
    at: datetime,
    expires_at: datetime,
    opened_at: datetime | None,
    accepted_at: datetime | None,
    cancelled_at: datetime | None,
    mail: MailState | None,
    is_backed: bool,
) -> InvitationState:
    """Return where an invitation stands.

    Who opened a link has its mail, whatever a mail server says of it later. ``mail`` None means that nothing is
    known of the mail any more.
    """
    mailed = {
        MailState.WAITING: InvitationState.WAITING,
        MailState.BOUNCED: InvitationState.BOUNCED,
        MailState.GIVEN_UP: InvitationState.BOUNCED,
    }
    facts = (
        (accepted_at is not None, InvitationState.ACCEPTED),
        (cancelled_at is not None, InvitationState.CANCELLED),
        (not is_alive(expires_at, at), InvitationState.EXPIRED),
        (not is_backed, InvitationState.UNBACKED),
        (opened_at is not None, InvitationState.OPENED),
    )
    told = next((state for is_so, state in facts if is_so), None)
    return told or mailed.get(mail or MailState.SENT, InvitationState.SENT)


def is_of_program(invited_by: str) -> bool:
    """Tell whether a command sent an invitation in nobody's name: people are named with their address."""
    return not invited_by.endswith(">")


def masked(email: str) -> str:
    """Return an address that its owner knows again and nobody else learns: ``n•••@juniper.example``."""
    local, at_sign, domain = email.partition("@")
    return f"{local[:1]}•••{at_sign}{domain}"


def is_address(email: str) -> bool:
    """Tell whether a normalized text is an e-mail address."""
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= _LONGEST_ADDRESS


def faults_of(invitee: Invitee, *, today: date, last_day: date) -> Iterator[tuple[str, str, str]]:
    """Yield column, value and reason of everything that keeps somebody from being invited."""
    if not is_address(invitee.email):
        yield "email", invitee.email, _("This is not an e-mail address. Write it like name@school.example.")
    if len(invitee.name) > _LONGEST_NAME:
        reason = _("A name has up to %(limit)d characters. Shorten it.") % {"limit": _LONGEST_NAME}
        yield "name", invitee.name, reason
    if not invitee.roles:
        yield "roles", "", _("Everybody needs at least one role: %(roles)s.") % {"roles": role_names()}
    for role in invitee.roles:
        if role not in K12_ROLES:
            yield "roles", role.value, _("This role is not handed out here. Use %(roles)s.") % {"roles": role_names()}
    if invitee.ends_on < today:
        yield "ends_on", invitee.ends_on.isoformat(), _("This day is over. Use today or a later day.")
    if invitee.ends_on > last_day:
        reason = _("A role lasts until %(day)s at most. Use that day or an earlier one.")
        yield "ends_on", invitee.ends_on.isoformat(), reason % {"day": last_day.isoformat()}


def role_names() -> str:
    """Return the roles that are handed out here, as files name them."""
    return ", ".join(role.value for role in K12_ROLES)


def in_order(roles: Sequence[Role]) -> tuple[Role, ...]:
    """Return roles once each, in the order in which pages offer them; others stay behind those."""
    return (*(role for role in K12_ROLES if role in roles), *sorted(set(roles).difference(K12_ROLES)))
