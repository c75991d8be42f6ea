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

    PASSWORD_LINK_MADE = "accounts:password:link-made"  # noqa: S105 - the name of an event
    PASSWORD_SET = "accounts:password:set"  # noqa: S105 - the name of an event
    PERSON_ADDED = "accounts:person:added"
    SECOND_FACTOR_ADDED = "accounts:second-factor:added"
    SECOND_FACTOR_REMOVED = "accounts:second-factor:removed"
    SIGNED_OUT = "accounts:session:ended"
    SIGN_IN_FAILED = "accounts:session:failed"
    SIGNED_IN = "accounts:session:started"
    DOWNLOAD_BEGUN = "downloads:file:begun"
    DOWNLOAD_OPENED = "downloads:file:opened"
    MEMBERSHIP_GRANTED = "organizations:membership:granted"
    MEMBERSHIP_REVOKED = "organizations:membership:revoked"
    ORGANIZATIONS_LOADED = "organizations:tree:loaded"
    CROSSWALK_LOADED = "people:crosswalk:loaded"
    MATCH_DECIDED = "people:match:decided"
    MATCH_UNDONE = "people:match:undone"
    MATCHES_VIEWED = "people:match:viewed"
    ROSTER_EXPORTED = "reports:roster:exported"
    ROSTER_VIEWED = "reports:roster:viewed"
    STUDENT_VIEWED = "reports:student:viewed"
    REPORT_VIEW_DELETED = "reports:view:deleted"
    REPORT_VIEW_RENAMED = "reports:view:renamed"
    REPORT_VIEW_SAVED = "reports:view:saved"
    FILE_ACCEPTED = "scores:file:accepted"
    FILE_CHECKED = "scores:file:checked"
    FILE_DISCARDED = "scores:file:discarded"
    FILE_FAILED = "scores:file:failed"
    FILE_RECEIVED = "scores:file:received"
    FILE_ROWS_EXPORTED = "scores:file:rows-exported"
    FILE_ROWS_VIEWED = "scores:file:rows-viewed"
    FILE_WITHDRAWN = "scores:file:withdrawn"
    SCORES_ATTRIBUTED = "scores:school:attributed"


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
