"""What can happen, by name, and how events are chained; pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

Scalar = str | int | bool | None
Detail = Scalar | list[Scalar] | tuple[Scalar, ...]

GENESIS = ""
"""What stands in the place of the digest before the first event."""


class Verb(StrEnum):
    """``<area>:<subject>:<action>``, alphabetical by value. A stored value never changes."""

    DEVICE_SEEN = "accounts:device:seen"
    EMAIL_VERIFIED = "accounts:email:verified"
    PASSWORD_LINK_MADE = "accounts:password:link-made"  # noqa: S105 - the name of an event
    PASSWORD_SET = "accounts:password:set"  # noqa: S105 - the name of an event
    PERSON_ADDED = "accounts:person:added"
    PERSON_RENAMED = "accounts:person:renamed"
    PROVIDER_LINKED = "accounts:provider:linked"
    PROVIDER_UNLINKED = "accounts:provider:unlinked"
    SECOND_FACTOR_ADDED = "accounts:second-factor:added"
    SECOND_FACTOR_REMOVED = "accounts:second-factor:removed"
    SIGNED_OUT = "accounts:session:ended"
    SESSION_ENDED = "accounts:session:ended-from-elsewhere"
    SIGN_IN_FAILED = "accounts:session:failed"
    SIGNED_IN = "accounts:session:started"
    APPROVAL_GIVEN = "approvals:request:approved"
    APPROVAL_ASKED = "approvals:request:asked"
    APPROVAL_DECLINED = "approvals:request:declined"
    APPROVAL_USED = "approvals:request:used"
    APPROVAL_WITHDRAWN = "approvals:request:withdrawn"
    INCIDENT_REPORTED = "audit:incident:reported"
    DOWNLOAD_BEGUN = "downloads:file:begun"
    DOWNLOAD_OPENED = "downloads:file:opened"
    CODE_ISSUED = "organizations:access-code:issued"
    CODE_REDEEMED = "organizations:access-code:redeemed"
    CODE_REFUSED = "organizations:access-code:refused"
    CODE_REVOKED = "organizations:access-code:revoked"
    LOG_EXPORTED = "organizations:access-log:exported"
    LOG_VIEWED = "organizations:access-log:viewed"
    ACCESS_ASKED = "organizations:access-request:asked"
    ACCESS_DECLINED = "organizations:access-request:declined"
    ACCESS_GRANTED = "organizations:access-request:granted"
    ACCESS_WITHDRAWN = "organizations:access-request:withdrawn"
    ACCESS_EXPORTED = "organizations:access:exported"
    ACCESS_VIEWED = "organizations:access:viewed"
    CONTACT_CHANGED = "organizations:contact:changed"
    INVITATION_ACCEPTED = "organizations:invitation:accepted"
    INVITATION_CANCELLED = "organizations:invitation:cancelled"
    INVITATION_MISDIRECTED = "organizations:invitation:misdirected"
    INVITATION_OPENED = "organizations:invitation:opened"
    INVITATION_RESENT = "organizations:invitation:resent"
    INVITATION_SENT = "organizations:invitation:sent"
    MEMBERSHIP_CHANGED = "organizations:membership:changed"
    MEMBERSHIP_ENDED = "organizations:membership:ended"
    MEMBERSHIP_GRANTED = "organizations:membership:granted"
    MEMBERSHIP_RENEWED = "organizations:membership:renewed"
    MEMBERSHIP_REVOKED = "organizations:membership:revoked"
    MEMBERSHIP_WARNED = "organizations:membership:warned"
    PROVIDER_REMOVED = "organizations:provider:removed"
    PROVIDER_SET = "organizations:provider:set"
    REVIEW_ANSWERED = "organizations:review:answered"
    REVIEW_CLOSED = "organizations:review:closed"
    REVIEW_OPENED = "organizations:review:opened"
    SUPPORT_ALLOWED = "organizations:support:allowed"
    SUPPORT_BEGUN = "organizations:support:begun"
    SUPPORT_ENDED = "organizations:support:ended"
    SUPPORT_PAGE_VIEWED = "organizations:support:page-viewed"
    TERMS_ACCEPTED = "organizations:terms:accepted"
    ORGANIZATIONS_LOADED = "organizations:tree:loaded"
    CROSSWALK_LOADED = "people:crosswalk:loaded"
    MATCH_DECIDED = "people:match:decided"
    MATCH_UNDONE = "people:match:undone"
    MATCHES_VIEWED = "people:match:viewed"
    ROSTER_EXPORTED = "reports:roster:exported"
    ROSTER_VIEWED = "reports:roster:viewed"
    STUDENT_VIEWED = "reports:student:viewed"
    SUMMARY_VIEWED = "reports:summary:viewed"
    REPORT_VIEW_DELETED = "reports:view:deleted"
    REPORT_VIEW_RENAMED = "reports:view:renamed"
    REPORT_VIEW_SAVED = "reports:view:saved"
    CLAIM_ASKED = "scores:claim:asked"
    CLAIM_CONFIRMED = "scores:claim:confirmed"
    CLAIM_DECLINED = "scores:claim:declined"
    CLAIM_UNDONE = "scores:claim:undone"
    CLAIM_VIEWED = "scores:claim:viewed"
    FILE_ACCEPTED = "scores:file:accepted"
    FILE_CHECKED = "scores:file:checked"
    FILE_DISCARDED = "scores:file:discarded"
    FILE_FAILED = "scores:file:failed"
    FILE_RECEIVED = "scores:file:received"
    FILE_ROWS_EXPORTED = "scores:file:rows-exported"
    FILE_ROWS_VIEWED = "scores:file:rows-viewed"
    FILE_WITHDRAWN = "scores:file:withdrawn"
    MISSING_SOUGHT = "scores:missing:sought"
    SCORES_ATTRIBUTED = "scores:school:attributed"
    HELP_FILE_ADDED = "support:attachment:added"
    HELP_FILE_OPENED = "support:attachment:opened"
    CANNED_DELETED = "support:canned-answer:deleted"
    CANNED_KEPT = "support:canned-answer:kept"
    HELP_ANSWERED = "support:request:answered"
    HELP_ASKED = "support:request:asked"
    HELP_ASSIGNED = "support:request:assigned"
    HELP_CLOSED = "support:request:closed"
    HELP_NOTED = "support:request:noted"
    HELP_REOPENED = "support:request:reopened"
    HELP_VIEWED = "support:request:viewed"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of an event that its digest covers."""

    at: datetime
    verb: str
    actor_kind: str
    actor: str
    acting_for: str
    address: str
    organization: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Detail]


@dataclass(frozen=True, slots=True)
class EventInfo:
    """An event as pages and commands see it."""

    id: int
    facts: Facts
    digest: str


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """An event that does not follow from the one before it: one of the two was changed or is missing."""

    event_id: int
    before_id: int | None


def digest_of(before: str, facts: Facts) -> str:
    """Return the SHA-256 that chains an event to the digest before it.

    It is taken over one canonical spelling (UTC, sorted names, no spaces), so that both
    databases give the same one.
    """
    spelled = asdict(facts) | {"at": facts.at.astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(spelled, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
