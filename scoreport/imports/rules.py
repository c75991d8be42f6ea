"""The states of imported files and what their rows do; pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FileState(StrEnum):
    """A file is received, checked, then accepted or discarded; an accepted one can be undone."""

    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"
    FAILED = "failed"


TRANSITIONS: Final[dict[FileState, frozenset[FileState]]] = {
    FileState.RECEIVED: frozenset({FileState.CHECKING, FileState.FAILED, FileState.DISCARDED}),
    FileState.CHECKING: frozenset({FileState.CHECKING, FileState.CHECKED, FileState.FAILED}),
    FileState.CHECKED: frozenset({FileState.CHECKING, FileState.ACCEPTING, FileState.ACCEPTED, FileState.DISCARDED}),
    FileState.ACCEPTING: frozenset({FileState.ACCEPTING, FileState.ACCEPTED, FileState.CHECKED, FileState.FAILED}),
    FileState.ACCEPTED: frozenset({FileState.UNDOING, FileState.UNDONE}),
    FileState.UNDOING: frozenset({FileState.UNDOING, FileState.UNDONE, FileState.ACCEPTED}),
    FileState.UNDONE: frozenset(),
    FileState.DISCARDED: frozenset(),
    FileState.FAILED: frozenset({FileState.CHECKING, FileState.DISCARDED}),
}


def may_move(state: FileState, to: FileState) -> bool:
    """Tell whether a file may go from ``state`` to ``to``."""
    return to in TRANSITIONS[state]


class Effect(StrEnum):
    """What a row of a file does to what is stored."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    # A changed row that returns to a version which a later file replaced.
    REVERTING = "reverting"
    # A new row that says what is on file under another key.
    DOUBLED = "doubled"
    # A row of an older report than the one that is current: it only fills gaps.
    OLDER = "older"
    # A record that a complete list no longer names.
    REMOVED = "removed"


STAGED: Final = tuple(effect for effect in Effect if effect is not Effect.REMOVED)
"""The effects that rows have; a record that is removed has no row."""

HELD: Final = frozenset({Effect.REVERTING, Effect.DOUBLED})
"""Rows with these effects are stored only when a person accepts them by name; otherwise they are held."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read: the repairs that were chosen, and the sheet of a workbook (empty: the first one)."""

    repairs: frozenset[str] = frozenset()
    sheet: str = ""


AS_IT_IS: Final = Options()
"""A file is read without a repair."""
