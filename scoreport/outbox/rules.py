"""Which mails there are, exactly what each of them needs, and when one is tried again; pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

type Word = str | int | bool | date | datetime
type Value = Word | list[str]


class MailKind(StrEnum):
    """A mail, by the name of its template ``mail/<value>.txt``. No mail carries student data."""

    ACCESS_CODE = "access-code"
    ACCESS_CODE_ISSUED = "access-code-issued"
    ACCESS_CODE_REDEEMED = "access-code-redeemed"
    ACCESS_REQUEST_ANSWERED = "access-request-answered"
    ACCESS_REQUESTED = "access-requested"
    ACCOUNT_NOTICE = "account-notice"
    """What sign-in has to say (a code, a link, a changed password); its words are written when it happens."""
    APPROVAL_ANSWERED = "approval-answered"
    APPROVAL_ASKED = "approval-asked"
    AUDIT_ANCHOR = "audit-anchor"
    CLAIM_DECIDED = "claim-decided"
    EXPORTS_DIGEST = "exports-digest"
    CONTACT_CHANGED = "contact-changed"
    FIRST_REPORT_ROLE = "first-report-role"
    HELP_ANSWERED = "help-answered"
    HELP_RECEIVED = "help-received"
    INVITATION = "invitation"
    INVITATION_ACCEPTED = "invitation-accepted"
    INVITATION_MISDIRECTED = "invitation-misdirected"
    LAST_MANAGER_ENDING = "last-manager-ending"
    NEW_DEVICE = "new-device"
    REVIEW_DUE = "review-due"
    REVIEW_OPENED = "review-opened"
    ROLE_ENDING = "role-ending"
    ROLE_GRANTED = "role-granted"
    ROLE_RENEWED = "role-renewed"
    ROLE_REVOKED = "role-revoked"
    ROLES_ENDING = "roles-ending"
    SELF_GRANTED = "self-granted"
    SUPPORT_ALLOWED = "support-allowed"
    SUPPORT_BEGUN = "support-begun"
    VOUCHERS_ORDERED = "vouchers-ordered"


NEEDS: Final[dict[MailKind, frozenset[str]]] = {
    MailKind.ACCESS_CODE: frozenset({"organization", "code", "tool", "contact"}),
    MailKind.ACCESS_CODE_ISSUED: frozenset({"organizations", "more", "by"}),
    MailKind.ACCESS_CODE_REDEEMED: frozenset(
        {"organization", "address", "person", "code", "by", "is_request", "is_manager"}
    ),
    MailKind.ACCESS_REQUEST_ANSWERED: frozenset({"organization", "wish", "is_granted", "sentence"}),
    MailKind.ACCESS_REQUESTED: frozenset({"organization", "address", "person", "role", "why"}),
    MailKind.ACCOUNT_NOTICE: frozenset({"subject", "text"}),
    MailKind.APPROVAL_ANSWERED: frozenset({"subject", "is_granted", "sentence", "number"}),
    MailKind.APPROVAL_ASKED: frozenset({"person", "subject", "why", "number"}),
    MailKind.AUDIT_ANCHOR: frozenset({"line", "events", "wrong", "is_restore"}),
    MailKind.CLAIM_DECIDED: frozenset({"organization", "is_confirmed"}),
    MailKind.EXPORTS_DIGEST: frozenset({"organization", "address", "first", "last", "exports", "views", "more"}),
    MailKind.CONTACT_CHANGED: frozenset({"changes", "more", "by"}),
    MailKind.FIRST_REPORT_ROLE: frozenset({"organization", "address", "manager", "person", "role", "is_manager"}),
    MailKind.HELP_ANSWERED: frozenset({"number"}),
    MailKind.HELP_RECEIVED: frozenset({"number", "due"}),
    MailKind.INVITATION: frozenset({"organization", "inviter", "roles", "token", "expires", "ends"}),
    MailKind.INVITATION_ACCEPTED: frozenset({"organization", "address", "person", "roles"}),
    MailKind.INVITATION_MISDIRECTED: frozenset({"organization", "address", "invited", "other"}),
    MailKind.LAST_MANAGER_ENDING: frozenset({"organization", "person", "ends", "days"}),
    MailKind.NEW_DEVICE: frozenset({"device", "place", "seen"}),
    MailKind.REVIEW_DUE: frozenset({"organization", "address", "due", "open"}),
    MailKind.REVIEW_OPENED: frozenset({"organization", "address", "due", "open"}),
    MailKind.ROLE_ENDING: frozenset({"organization", "role", "ends", "days", "managers"}),
    MailKind.ROLE_GRANTED: frozenset({"organization", "roles", "by", "ends"}),
    MailKind.ROLE_RENEWED: frozenset({"organization", "role", "by", "ends"}),
    MailKind.ROLE_REVOKED: frozenset({"organization", "role", "by"}),
    MailKind.ROLES_ENDING: frozenset({"organization", "address", "roles", "ends", "days"}),
    MailKind.SELF_GRANTED: frozenset({"organization", "person", "role"}),
    MailKind.SUPPORT_ALLOWED: frozenset({"organization", "address", "ticket", "by", "ends"}),
    MailKind.SUPPORT_BEGUN: frozenset({"organization", "address", "ticket", "staff", "ends"}),
    MailKind.VOUCHERS_ORDERED: frozenset(
        {"organization", "order", "quantity", "expires", "covers_remote", "purchase_order", "most", "is_new"}
    ),
}
"""The exact names of the values of each mail; ``address`` is that of the organization's pages."""


class MailState(StrEnum):
    """Waiting → sent → perhaps bounced; or given up after days without a mail server."""

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class MailInfo:
    """Where a mail stands."""

    id: int
    kind: MailKind
    to: str
    state: MailState
    reason: str
    created_at: datetime
    sent_at: datetime | None


_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))


def pause_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many tries without success; None when it was enough."""
    return _PAUSES[tries - 1] if tries <= len(_PAUSES) else None


def is_complete(kind: MailKind, names: frozenset[str]) -> bool:
    """Tell whether a mail was given exactly what it needs."""
    return names == NEEDS[kind]
