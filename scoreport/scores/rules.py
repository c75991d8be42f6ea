"""The states of claims, and the one rule of visibility; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.programs.rules import MOST_BINS

# Stands for "not released and no date known" where a column may not be empty.
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

# The columns of totals that count the values in each part of a measure's distribution.
BINS: Final = tuple(f"bin_{number}" for number in range(MOST_BINS))


class RowAccess(StrEnum):
    """How much of a list of a file's rows pages show to one of the program staff."""

    PAGES = "pages"
    SAMPLE = "sample"
    """The first :data:`SAMPLE_ROWS` rows."""
    WHOLE_ONLY = "whole-only"
    """Nothing but the whole list, which a second person approves."""
    NOT_HANDLER = "not-handler"
    EXPIRED = "expired"


SAMPLE_ROWS: Final = 20


def row_access(
    *, is_handler: bool, is_waiting: bool, is_problem: bool, since: datetime | None, days: int, at: datetime
) -> RowAccess:
    """Return what the person sees of a list (decision 41).

    ``since`` is when the file was accepted, or else checked. ``is_waiting`` says that it can still be accepted,
    ``is_problem`` that the list is of changed, unmatched or refused rows.
    """
    if not is_handler:
        return RowAccess.NOT_HANDLER
    if since is None or at >= since + timedelta(days=days):
        return RowAccess.EXPIRED
    if is_problem:
        return RowAccess.PAGES
    return RowAccess.SAMPLE if is_waiting else RowAccess.WHOLE_ONLY


def is_visible(
    *, is_current: bool, score: int | None, released_at: datetime | None, is_canceled: bool, at: datetime
) -> bool:
    """Tell whether a score may be seen at ``at``: current, scored, not canceled, and its release has come.

    Its SQL twin is :func:`scoreport.scores.queries.visible_scores`; a property test proves
    that the two agree.
    """
    is_released = released_at is not None and released_at <= at
    return is_current and score is not None and not is_canceled and is_released


class ScoreChange(StrEnum):
    """What happened to a score, as its history shows it."""

    FILE = "file"
    """A file brought it or changed it."""
    FILE_CANCELED = "file-canceled"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one row of an accepted file says of the score of a ticket, and when the file was accepted."""

    said_at: datetime
    has_score: bool
    is_canceled: bool


def canceled_since(statements: Iterable[Statement], withdrawn_at: datetime | None = None) -> datetime | None:
    """Return since when a score is canceled; None when it counts, or is still pending.

    ``statements`` are in the order of acceptance. A file cancels a score by saying so, or by leaving it empty where an
    earlier file had one. The first statement after the last one with a score gives the date. ``withdrawn_at`` is when a
    person withdrew the score; the earlier of the two counts.
    """
    since: datetime | None = None
    had_score = False
    for one in statements:
        cancels = one.is_canceled or (had_score and not one.has_score)
        since = (since or one.said_at) if cancels else None
        had_score = had_score or one.has_score
    return min((moment for moment in (since, withdrawn_at) if moment is not None), default=None)


class ClaimState(StrEnum):
    """A school's claim of a test: open, then confirmed or declined; what was confirmed may be undone."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNDONE = "undone"


CLAIM_TRANSITIONS: Final[dict[ClaimState, frozenset[ClaimState]]] = {
    ClaimState.OPEN: frozenset({ClaimState.CONFIRMED, ClaimState.DECLINED}),
    ClaimState.CONFIRMED: frozenset({ClaimState.UNDONE}),
    # The school may claim the test again, with what was missing.
    ClaimState.DECLINED: frozenset(),
    ClaimState.UNDONE: frozenset(),
}


def claim_may_move(state: ClaimState, to: ClaimState) -> bool:
    """Tell whether a claim may go from ``state`` to ``to``."""
    return to in CLAIM_TRANSITIONS[state]


class Found(StrEnum):
    """What is known of a missing score, in one word. Scripts read it, so that it never changes."""

    RELEASED = "released"
    PENDING = "score_pending"
    RELEASED_ON = "released_on"
    WAITING = "waiting_for_essay"
    CANCELED = "canceled"
    UNATTRIBUTED = "unattributed"
    OTHER_SCHOOL = "other_school"
    QUESTION = "question"
    REFUSED = "refused"
    IN_FILE = "in_file"
    NEVER = "never_received"
    SEVERAL = "several_people"
    NO_CODE = "no_code"


# What explains most stands first: a test that is not in the report before one that is.
FOUND_ORDER: Final = (
    *(Found.UNATTRIBUTED, Found.OTHER_SCHOOL, Found.REFUSED, Found.IN_FILE, Found.QUESTION),
    *(
        Found.CANCELED,
        Found.WAITING,
        Found.RELEASED_ON,
        Found.PENDING,
        Found.RELEASED,
        Found.NEVER,
        Found.SEVERAL,
        Found.NO_CODE,
    ),
)


class Why(StrEnum):
    """The likely reason why a score was not found where somebody looked."""

    BLANK = "blank-school"
    NO_SCHOOL_CODE = "no-school-code"
    UNKNOWN_CODE = "unknown-ai-code"
    CLOSE_CODE = "close-ai-code"
    OTHER_CODE = "other-ai-code"
    OTHER_SPELLING = "other-spelling"
    NAMES_SWAPPED = "names-swapped"
    NAME_CLOSE = "name-close"
    BIRTH_DATE_CLOSE = "birth-date-close"
    OTHER_PERSON = "ticket-other-person"
    LATE = "late"
    ROW_REFUSED = "row-refused"
    NOTHING = ""


def is_close_code(one: str, other: str) -> bool:
    """Tell whether an AI code looks like another one with a slip: one digit, or two neighbors in each other's place."""
    if one == other or len(one) != len(other):
        return False
    places = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 1:
        return True
    first, last = places[0], places[-1]
    return len(places) == last - first + 1 == 2 and one[first : last + 1] == other[first : last + 1][::-1]  # noqa: PLR2004 - two neighbors


# A school looks for a handful a day; who tries names by the hundred looks for other people's children.
SEARCHES_A_DAY: Final = 120
WINDOW: Final = timedelta(days=1)


def may_seek(searches: int) -> bool:
    """Tell whether somebody who has made so many searches within :data:`WINDOW` may make another one."""
    return searches < SEARCHES_A_DAY


class Evidence(StrEnum):
    """What speaks for a claim, beside what the school writes."""

    NAME = "name"
    BIRTH_DATE = "birth-date"
    CLOSE_CODE = "close-ai-code"
    NO_CODE = "no-ai-code"
    OWN_VOUCHER = "own-voucher"


def evidence(
    *, is_one_name: bool, is_birth_date: bool, ai_code: str, own_code: str, is_no_code: bool, own_voucher: bool = False
) -> tuple[Evidence, ...]:
    """Return what speaks for a claim. ``own_voucher``: the school itself paid for the test (known once vouchers are).

    None of it confirms a claim by itself; a person decides.
    """
    found = {
        Evidence.NAME: is_one_name,
        Evidence.BIRTH_DATE: is_birth_date,
        Evidence.CLOSE_CODE: is_close_code(ai_code, own_code),
        Evidence.NO_CODE: is_no_code,
        Evidence.OWN_VOUCHER: own_voucher,
    }
    return tuple(kind for kind, holds in found.items() if holds)
