"""How much of a file's rows pages show to whom: those who handle it see what they have to decide (decision 41)."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.scores.files.info import FileInfo
from scoreport.scores.files.lists import PROBLEMS, STAGED, ListKind, count_rows
from scoreport.scores.rules import SAMPLE_ROWS, RowAccess, row_access


def row_access_of(actor: Actor, info: FileInfo, kind: ListKind, at: datetime) -> RowAccess:
    """Return how much of a list pages show to a person; the operator's commands see everything."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    if actor.is_trusted:
        return RowAccess.PAGES
    return row_access(
        is_handler=actor.person_id is not None and actor.person_id == info.handled_by_id,
        is_waiting=info.state in STAGED,
        is_problem=kind in PROBLEMS,
        since=info.accepted_at or info.checked_at,
        days=settings.PROBLEM_ROWS_DAYS,
        at=at,
    )


def count_shown(actor: Actor, info: FileInfo, kind: ListKind, at: datetime) -> int:
    """Return how many entries of a list pages show to a person."""
    match row_access_of(actor, info, kind, at):
        case RowAccess.PAGES:
            return count_rows(actor, info, kind)
        case RowAccess.SAMPLE:
            return min(count_rows(actor, info, kind), SAMPLE_ROWS)
        case _:
            return 0


def sees_examples(actor: Actor, info: FileInfo, at: datetime) -> bool:
    """Tell whether a person sees cells as examples of what was noticed over a file: as long as its refused rows.

    A file that could not be read has no check, so that the day on which it came counts.
    """
    since = replace(info, checked_at=info.checked_at or info.received_at)
    return row_access_of(actor, since, ListKind.REFUSED, at) is RowAccess.PAGES
