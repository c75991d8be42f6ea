"""The states of score files and of claims, and the one rule of visibility; pure."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

# Stands for "not released and no date known" where a column may not be empty.
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

# The lower ends of the score bands of a distribution, five points wide; the highest score, 80, is in the last.
BANDS: Final = tuple(range(20, 80, 5))


class FileState(StrEnum):
    """A file is received, checked, then accepted or discarded; an accepted one may be withdrawn."""

    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"
    FAILED = "failed"


TRANSITIONS: dict[FileState, frozenset[FileState]] = {
    FileState.RECEIVED: frozenset({FileState.CHECKING, FileState.FAILED, FileState.DISCARDED}),
    FileState.CHECKING: frozenset({FileState.CHECKING, FileState.CHECKED, FileState.FAILED}),
    FileState.CHECKED: frozenset({FileState.CHECKING, FileState.ACCEPTING, FileState.ACCEPTED, FileState.DISCARDED}),
    FileState.ACCEPTING: frozenset({FileState.ACCEPTING, FileState.ACCEPTED, FileState.CHECKED, FileState.FAILED}),
    FileState.ACCEPTED: frozenset({FileState.WITHDRAWING, FileState.WITHDRAWN}),
    FileState.WITHDRAWING: frozenset({FileState.WITHDRAWING, FileState.WITHDRAWN, FileState.ACCEPTED}),
    FileState.WITHDRAWN: frozenset(),
    FileState.DISCARDED: frozenset(),
    FileState.FAILED: frozenset({FileState.CHECKING, FileState.DISCARDED}),
}


class RowKind(StrEnum):
    """What a row of a file is to what is stored already."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


def is_visible(*, is_current: bool, score: int | None, released_at: datetime | None, at: datetime) -> bool:
    """Tell whether a score may be seen at ``at``: current, scored, and its release has come.

    Its SQL twin is :func:`scoreport.scores.queries.visible_scores`; a property test proves
    that the two agree.
    """
    return is_current and score is not None and released_at is not None and released_at <= at


def may_move(state: FileState, to: FileState) -> bool:
    """Tell whether a file may go from ``state`` to ``to``."""
    return to in TRANSITIONS[state]


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
