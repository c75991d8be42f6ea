"""The access log: which events it tells of, in which groups, and what may be asked of it; pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from scoreport.audit.rules import EventInfo, Verb
from scoreport.organizations.rules import OrganizationInfo

LOG_PAGE_SIZE: Final = 50
LOG_MOST: Final = 5_000
"""Events that one can turn pages through; who has more names a time, a person or a group, or takes out the file."""


class LogKind(StrEnum):
    """A group of events, as one filters by it."""

    ACCESS = "access"
    SIGN_IN = "sign-in"
    STUDENTS = "students"
    EXPORTS = "exports"
    SUPPORT = "support"
    SCORES = "scores"
    HELP = "help"
    VOUCHERS = "vouchers"
    PROGRAM = "program"


KIND_VERBS: Final[dict[LogKind, frozenset[str]]] = {
    LogKind.ACCESS: frozenset(
        {
            Verb.ACCESS_ASKED, Verb.ACCESS_DECLINED, Verb.ACCESS_GRANTED, Verb.ACCESS_VIEWED, Verb.ACCESS_WITHDRAWN,
            Verb.APPROVAL_ASKED, Verb.APPROVAL_DECLINED, Verb.APPROVAL_GIVEN, Verb.APPROVAL_USED,
            Verb.APPROVAL_WITHDRAWN,
            Verb.CODE_ISSUED, Verb.CODE_REDEEMED, Verb.CODE_REFUSED, Verb.CODE_REVOKED,
            Verb.CONTACT_CHANGED,
            Verb.INVITATION_ACCEPTED, Verb.INVITATION_CANCELLED, Verb.INVITATION_MISDIRECTED, Verb.INVITATION_OPENED,
            Verb.INVITATION_RESENT, Verb.INVITATION_SENT,
            Verb.LOG_VIEWED,
            Verb.MEMBERSHIP_CHANGED, Verb.MEMBERSHIP_ENDED, Verb.MEMBERSHIP_GRANTED, Verb.MEMBERSHIP_RENEWED,
            Verb.MEMBERSHIP_REVOKED, Verb.MEMBERSHIP_WARNED,
            Verb.PROVIDER_REMOVED, Verb.PROVIDER_SET,
            Verb.REVIEW_ANSWERED, Verb.REVIEW_CLOSED, Verb.REVIEW_OPENED,
            Verb.TERMS_ACCEPTED,
        }
    ),
    LogKind.SIGN_IN: frozenset(
        {
            Verb.DEVICE_SEEN, Verb.EMAIL_VERIFIED, Verb.PASSWORD_LINK_MADE, Verb.PASSWORD_SET, Verb.PERSON_ADDED,
            "accounts:person:renamed", Verb.PROVIDER_LINKED, Verb.RECOVERY_CODES_MADE, Verb.RECOVERY_CODE_USED,
            Verb.SECOND_FACTOR_ADDED, Verb.SECOND_FACTOR_REMOVED, Verb.SECOND_FACTOR_RESET, Verb.SESSION_ENDED,
            Verb.SIGNED_IN, Verb.SIGNED_OUT, Verb.SIGN_IN_FAILED,
        }
    ),
    LogKind.STUDENTS: frozenset(
        {
            Verb.CLAIM_ROW_SHOWN, Verb.FILE_ROWS_SHOWN, Verb.LATE_ESSAYS_SHOWN, Verb.MATCH_RECORDS_SHOWN,
            Verb.MISSING_FOUND, Verb.MISSING_SOUGHT, Verb.ROSTER_VIEWED, Verb.STUDENT_VIEWED, Verb.SUMMARY_VIEWED,
        }
    ),
    LogKind.EXPORTS: frozenset(
        {
            Verb.ACCESS_EXPORTED, Verb.DOWNLOAD_BEGUN, Verb.DOWNLOAD_OPENED, Verb.FILE_ROWS_TAKEN_OUT,
            Verb.LOG_EXPORTED, Verb.ROSTER_EXPORTED, Verb.ROSTER_PRINTED,
        }
    ),
    LogKind.SUPPORT: frozenset(
        {Verb.SUPPORT_ALLOWED, Verb.SUPPORT_BEGUN, Verb.SUPPORT_ENDED, Verb.SUPPORT_PAGE_VIEWED}
    ),
    LogKind.SCORES: frozenset(
        {
            Verb.CLAIM_ASKED, Verb.CLAIM_CONFIRMED, Verb.CLAIM_DECLINED, Verb.CLAIM_UNDONE, "scores:claim:viewed",
            Verb.REPORT_VIEW_DELETED, Verb.REPORT_VIEW_RENAMED, Verb.REPORT_VIEW_SAVED,
            Verb.SCORE_RESTORED, Verb.SCORE_WITHDRAWN,
        }
    ),
    LogKind.HELP: frozenset(
        {
            Verb.HELP_ANSWERED, Verb.HELP_ASKED, Verb.HELP_ASSIGNED, Verb.HELP_CLOSED, Verb.HELP_FILE_ADDED,
            Verb.HELP_FILE_OPENED, Verb.HELP_REOPENED, Verb.HELP_VIEWED,
            "support:canned-answer:deleted", "support:canned-answer:kept", "support:request:noted",
        }
    ),
    LogKind.VOUCHERS: frozenset(
        {
            Verb.VOUCHER_ORDER_CHANGED, Verb.VOUCHER_ORDER_FULFILLED, Verb.VOUCHER_ORDERED, Verb.VOUCHER_PROFILE_SET,
            Verb.VOUCHERS_DOWNLOADED, Verb.VOUCHERS_VIEWED, Verb.VOUCHERS_VOIDED,
        }
    ),
    LogKind.PROGRAM: frozenset(
        {
            Verb.CROSSWALK_LOADED, Verb.FEE_SET,
            Verb.FILE_ACCEPTED, Verb.FILE_CHECKED, Verb.FILE_DISCARDED, Verb.FILE_FAILED,
            Verb.FILE_REASONS_EXPORTED, Verb.FILE_RECEIVED, Verb.FILE_ROWS_EXPORTED, Verb.FILE_ROWS_VIEWED,
            Verb.FILE_REPAIR_CHOSEN, Verb.FILE_TAKEN_OVER, Verb.FILE_UNDONE,
            "accounts:provider:unlinked", Verb.INCIDENT_REPORTED, Verb.JOB_RETRIED, Verb.MATCHES_VIEWED,
            Verb.MATCH_DECIDED, Verb.MATCH_UNDONE, Verb.ORGANIZATIONS_LOADED, Verb.RESTORE_ACCEPTED,
            Verb.SCORES_ATTRIBUTED,
        }
    ),
}  # fmt: skip
"""Every verb stands in one group. What program staff and the operator do for the whole installation (``PROGRAM``)
belongs to no institution, so an institution's log has none of it."""

OF_PEOPLE: Final = KIND_VERBS[LogKind.SIGN_IN]
"""Events of a person's account and sessions, which name no organization. An institution sees those of sessions in
which the person used a role there or under it, while they held one."""

WITHOUT_ROLE: Final = frozenset(
    {
        Verb.ACCESS_ASKED, Verb.ACCESS_WITHDRAWN, Verb.CODE_REDEEMED, Verb.CODE_REFUSED, Verb.INVITATION_ACCEPTED,
        Verb.INVITATION_MISDIRECTED, Verb.INVITATION_OPENED, Verb.MEMBERSHIP_GRANTED, Verb.TERMS_ACCEPTED,
    }
)  # fmt: skip
"""Acts at an institution that are no use of a role there: one does them to get a role, or to say what one thinks."""

_PRIVATE: Final = frozenset({"device", "sessions"})
"""Details of events that say from where, and with which device, someone signed in."""

FROM_ABOVE: Final = frozenset(
    {
        Verb.DOWNLOAD_BEGUN, Verb.DOWNLOAD_OPENED, Verb.ROSTER_EXPORTED, Verb.ROSTER_PRINTED, Verb.ROSTER_VIEWED,
        Verb.SUPPORT_ALLOWED, Verb.SUPPORT_BEGUN, Verb.SUPPORT_ENDED,
    }
)  # fmt: skip
"""Looks at an organization that were looks at those under it too: whose students are on the roster of a state?"""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked of a log; days are those of the institution, both included. ``student`` is a public id."""

    kind: LogKind | None = None
    person: str = ""
    person_id: int | None = None
    student: str = ""
    first: date | None = None
    last: date | None = None
    under: str = ""
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return replace(self, page=1) != LogQuery()


@dataclass(frozen=True, slots=True)
class LogRow:
    """An event as the log tells it: where, whether it was looked at from above, and the student as the reader may.

    ``public_id`` is the student's, ``student`` the name. ``actor_id`` is there where a page tells what the person can
    see of the institution.
    """

    event: EventInfo
    organization: OrganizationInfo | None
    is_from_above: bool
    public_id: str
    student: str
    actor_id: int | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.event.facts.at


def without_addresses(event: EventInfo) -> EventInfo:
    """Return an event as an institution sees it: without the network address and the devices of the person."""
    detail = {name: value for name, value in event.facts.detail.items() if name not in _PRIVATE}
    return replace(event, facts=replace(event.facts, address="", detail=detail))


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of a log; ``is_more`` says that there are more events than one can turn pages through."""

    rows: tuple[LogRow, ...]
    total: int
    is_more: bool
    query: LogQuery
