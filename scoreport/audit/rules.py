"""What can happen, by name, and how events are chained; pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

Scalar = str | int | bool | None
Detail = Scalar | list[Scalar] | tuple[Scalar, ...]

GENESIS = ""
"""What stands in the place of the digest before the first event."""

SCHEME_PLAIN: Final = 1
"""The digest is a SHA-256 that anybody can compute."""
SCHEME_KEYED: Final = 2
"""The digest is an HMAC-SHA256 with the key that ``key_id`` names."""


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
    RECOVERY_CODE_USED = "accounts:recovery-code:used"
    RECOVERY_CODES_MADE = "accounts:recovery-codes:made"
    SECOND_FACTOR_ADDED = "accounts:second-factor:added"
    SECOND_FACTOR_REMOVED = "accounts:second-factor:removed"
    SECOND_FACTOR_RESET = "accounts:second-factor:reset"
    SIGNED_OUT = "accounts:session:ended"
    SESSION_ENDED = "accounts:session:ended-from-elsewhere"
    SIGN_IN_FAILED = "accounts:session:failed"
    SIGNED_IN = "accounts:session:started"
    APPROVAL_GIVEN = "approvals:request:approved"
    APPROVAL_ASKED = "approvals:request:asked"
    APPROVAL_DECLINED = "approvals:request:declined"
    APPROVAL_USED = "approvals:request:used"
    APPROVAL_WITHDRAWN = "approvals:request:withdrawn"
    RESTORE_ACCEPTED = "audit:chain:restore-accepted"
    INCIDENT_REPORTED = "audit:incident:reported"
    DOWNLOAD_BEGUN = "downloads:file:begun"
    DOWNLOAD_OPENED = "downloads:file:opened"
    JOB_RETRIED = "jobs:job:retried"
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
    MATCH_RECORDS_SHOWN = "people:match:records-shown"
    MATCH_UNDONE = "people:match:undone"
    MATCHES_VIEWED = "people:match:viewed"
    FEE_SET = "programs:fee:set"
    ROSTER_EXPORTED = "reports:roster:exported"
    ROSTER_PRINTED = "reports:roster:printed"
    ROSTER_VIEWED = "reports:roster:viewed"
    STUDENT_VIEWED = "reports:student:viewed"
    SUMMARY_VIEWED = "reports:summary:viewed"
    REPORT_VIEW_DELETED = "reports:view:deleted"
    REPORT_VIEW_RENAMED = "reports:view:renamed"
    REPORT_VIEW_SAVED = "reports:view:saved"
    CLAIM_ASKED = "scores:claim:asked"
    CLAIM_CONFIRMED = "scores:claim:confirmed"
    CLAIM_DECLINED = "scores:claim:declined"
    CLAIM_ROW_SHOWN = "scores:claim:row-shown"
    CLAIM_UNDONE = "scores:claim:undone"
    CLAIM_VIEWED = "scores:claim:viewed"
    FILE_ACCEPTED = "scores:file:accepted"
    FILE_CHECKED = "scores:file:checked"
    FILE_DISCARDED = "scores:file:discarded"
    FILE_FAILED = "scores:file:failed"
    FILE_REASONS_EXPORTED = "scores:file:reasons-exported"
    FILE_RECEIVED = "scores:file:received"
    FILE_REPAIR_CHOSEN = "scores:file:repair-chosen"
    FILE_ROWS_EXPORTED = "scores:file:rows-exported"
    FILE_ROWS_SHOWN = "scores:file:rows-shown"
    FILE_ROWS_TAKEN_OUT = "scores:file:rows-taken-out"
    FILE_ROWS_VIEWED = "scores:file:rows-viewed"
    FILE_TAKEN_OVER = "scores:file:taken-over"
    FILE_UNDONE = "scores:file:withdrawn"
    LATE_ESSAYS_SHOWN = "scores:late-essay:shown"
    MISSING_FOUND = "scores:missing:found"
    MISSING_SOUGHT = "scores:missing:sought"
    SCORES_ATTRIBUTED = "scores:school:attributed"
    SCORE_RESTORED = "scores:score:restored"
    SCORE_WITHDRAWN = "scores:score:withdrawn"
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
    VOUCHER_ORDER_CHANGED = "vouchers:order:changed"
    VOUCHER_ORDER_FULFILLED = "vouchers:order:fulfilled"
    VOUCHER_ORDERED = "vouchers:order:placed"
    VOUCHER_PROFILE_SET = "vouchers:profile:set"
    VOUCHERS_DOWNLOADED = "vouchers:voucher:downloaded"
    VOUCHERS_VIEWED = "vouchers:voucher:viewed"
    VOUCHERS_VOIDED = "vouchers:voucher:voided"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of an event that its digest covers.

    The ids identify the same person, subject and session as the texts, whatever those are called later. Events of
    scheme 1 were recorded without them, so their digest does not cover them.
    """

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
    actor_id: int | None = None
    subject_id: str = ""
    session_id: int | None = None


FACTS: Final = tuple(Facts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What one of several events that are recorded together says of itself."""

    verb: Verb
    organization: str = ""
    subject_kind: str = ""
    subject: str = ""
    subject_id: str | int = ""
    detail: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventInfo:
    """An event as pages and commands see it."""

    id: int
    facts: Facts
    digest: str
    scheme: int = SCHEME_PLAIN
    key_id: str = ""


class Break(StrEnum):
    """Why an event of the chain cannot be believed."""

    DIGEST = "digest"
    """Its digest is not that of the event and the digest before it: one of the two was changed or is missing."""
    KEY = "key"
    """It was recorded with a key that is not among AUDIT_KEY and AUDIT_KEY_FALLBACKS."""
    SCHEME = "scheme"
    """It has no key although an event before it has one."""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """An event that cannot be believed, the one before it, and why."""

    event_id: int
    before_id: int | None
    reason: Break = Break.DIGEST


@dataclass(frozen=True, slots=True)
class AuditKey:
    """A key of the chain; with the database alone, nobody can compute a digest."""

    secret: str = field(repr=False)

    @property
    def id(self) -> str:
        """Eight characters that name the key in events and say nothing about it."""
        return self.mac("key id")[:8]

    def mac(self, text: str) -> str:
        """Return the HMAC-SHA256 of a text."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class AnchorKind(StrEnum):
    """What a line of the file of anchors says."""

    ANCHOR = "anchor"
    """Which event was the newest at an instant, how many there were, and its digest, which stands for all of them."""
    RESTORE = "restore"
    """The same, and that the database was restored, so that the anchors of ``void`` have lost their events."""


@dataclass(frozen=True, slots=True)
class AnchorInfo:
    """A line of the file of anchors; ``mac`` is the HMAC over the rest of it.

    A restore names the last anchored event before the loss (``since``) and the :attr:`short` names of the anchors of
    lost events.
    """

    kind: AnchorKind
    event_id: int
    events: int
    digest: str
    at: datetime
    key_id: str
    since: int | None = None
    void: tuple[str, ...] = ()
    mac: str = ""

    @property
    def short(self) -> str:
        """Sixteen characters that name the anchor."""
        return self.mac[:16]

    def signed(self, key: AuditKey) -> "AnchorInfo":
        """Return the anchor with its HMAC."""
        return replace(self, mac=key.mac(json.dumps(self._spelled(), sort_keys=True)))

    def is_signed_by(self, key: AuditKey) -> bool:
        """Return whether the anchor is as it was written."""
        return hmac.compare_digest(self.signed(key).mac, self.mac)

    @property
    def line(self) -> str:
        """The anchor as a line of JSON."""
        return json.dumps(self._spelled() | {"mac": self.mac}, sort_keys=True)

    def _spelled(self) -> dict[str, str | int | list[str] | None]:
        return {
            "kind": self.kind.value,
            "event": self.event_id,
            "events": self.events,
            "digest": self.digest,
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "key": self.key_id,
            "since": self.since,
            "void": list(self.void),
        }


def anchor_of(line: str) -> AnchorInfo:
    """Read a line of the file of anchors; raises ValueError for any other text."""
    try:
        told = json.loads(line)
        return AnchorInfo(
            kind=AnchorKind(told["kind"]),
            event_id=int(told["event"]),
            events=int(told["events"]),
            digest=str(told["digest"]),
            at=datetime.fromisoformat(told["at"]),
            key_id=str(told["key"]),
            since=None if told["since"] is None else int(told["since"]),
            void=tuple(map(str, told["void"])),
            mac=str(told["mac"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(line) from error


_IDS: Final = ("actor_id", "subject_id", "session_id")


def digest_of(before: str, facts: Facts, key: AuditKey | None) -> str:
    """Return the digest that chains an event to the digest before it.

    With a key it is an HMAC-SHA256 over everything (scheme 2). Without one it is the plain SHA-256 of events that
    were recorded before there was a key (scheme 1), and leaves out the ids, which those were given afterwards. It is
    taken over one canonical spelling (UTC, sorted names, no spaces), so that both databases give the same one.
    """
    spelled = asdict(facts) | {"at": facts.at.astimezone(UTC).isoformat(timespec="microseconds")}
    if key is None:
        spelled = {name: value for name, value in spelled.items() if name not in _IDS}
    else:
        spelled |= {"scheme": SCHEME_KEYED, "key_id": key.id}
    text = json.dumps(spelled, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if key is not None:
        return key.mac(f"{before}\n{text}")
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
